"""`xunzhang telegram`: from the settings to a bot that answers until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from urllib.parse import unquote

from telegram.error import Conflict, InvalidToken, TelegramError

from bot.errors import BotError
from bot.logs import set_up_logs
from bot.screen import note
from bot.services import Services
from bot.settings import Settings
from bot.telegram.application import (
    App,
    PollRequest,
    attach,
    build_application,
    make_requests,
)
from bot.telegram.desk import Desk
from bot.telegram.guard import alone, guard_threads, secret_half, secrets_of
from bot.telegram.health import health_file
from bot.telegram.journal import JournalQueue
from bot.telegram.keeper import Keeper
from bot.telegram.library import Library
from bot.telegram.limits import Buckets
from bot.telegram.listening import listen
from bot.telegram.menus import set_menus
from bot.telegram.metrics import metrics_text, serve_metrics
from bot.telegram.office import Office
from bot.telegram.parsing import Me
from bot.telegram.readers import open_library
from bot.telegram.roles import Access
from bot.telegram.sending import Sender
from bot.telegram.settings import TelegramSettings, address
from bot.telegram.state import State
from bot.telegram.upkeep import forget_in_time, pulse, tidy_up, watch_index

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 8.0
_RETRY_SECONDS = (1, 2, 4, 8, 15, 30)


class TelegramRefused(BotError):
    """Telegram does not accept the token."""


def run_telegram(
    settings: Settings, options: TelegramSettings, token: str, services: Services
) -> int:
    """Run the bot until SIGTERM or SIGINT and return the exit code.

    Raises:
        BotError, RetrievalError: it cannot start; one line that says why.
    """
    guard_threads(set_up_logs(settings.log_level, secrets=secrets_of(options, token)))
    if (secret_half(token) or token) in unquote(options.webhook or ""):
        raise TelegramRefused("the webhook's URL holds the token; choose another path")
    with alone(settings):
        code, stuck = asyncio.run(_Bot(settings, options, token, services).run())
    if stuck:
        # A search that does not end would hold the process at its exit.
        sys.stderr.flush()
        os._exit(code)
    return code


class _Bot:
    """One run of the bot."""

    def __init__(
        self, settings: Settings, options: TelegramSettings, token: str, services: Services
    ) -> None:
        self._settings = settings
        self._options = options
        self._token = token
        self._services = services
        self._stop = asyncio.Event()
        self._code = 0
        self._stuck = False
        self._conflict_told: float | None = None
        self._checking: asyncio.Task[None] | None = None

    async def run(self) -> tuple[int, bool]:
        """Run until told to stop; returns the exit code, and whether threads are stuck."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        request, polling = make_requests(self._options)
        keeper = Keeper(State(self._settings.state / "bot.sqlite"))
        library = open_library(self._settings, self._options.workers)
        try:
            await library.open()
            app = build_application(
                self._token, self._options, keeper, request=request, poll_request=polling
            )
            office = self._office(app, keeper, library)
            attach(app, office)
            polling.rejected = partial(self._rejected, app)
            if isinstance(app.update_queue, JournalQueue):
                polling.heard = app.update_queue.note
            if await self._until_stopped(self._reach(app)):
                await self._serve(app, office, polling)
            with suppress(TelegramError, TimeoutError, RuntimeError):
                await asyncio.wait_for(app.shutdown(), 1)
        finally:
            for close in (request.shutdown(), polling.shutdown(), library.close(), keeper.close()):
                try:
                    await asyncio.wait_for(close, 1)
                except TimeoutError:
                    self._stuck = True
            health_file(self._settings).unlink(missing_ok=True)
        return self._code, self._stuck

    def _office(self, app: App, keeper: Keeper, library: Library) -> Office:
        options = self._options
        return Office(
            settings=self._settings,
            options=options,
            services=self._services,
            access=Access(options.admins, options.allowed, options.denied),
            keeper=keeper,
            library=library,
            desk=Desk(Buckets(options.burst, options.refill_seconds), capacity=options.queue),
            bot=app.bot,
            sender=Sender(app.bot),
        )

    async def _reach(self, app: App) -> None:
        """Reach Telegram for the first time, however long that takes."""
        pauses = iter(_RETRY_SECONDS)
        while True:
            try:
                await app.initialize()
                return
            except InvalidToken:
                # The library's message holds the token.
                raise TelegramRefused(
                    f"{self._options.api} does not accept the token; copy it again from "
                    "@BotFather, or correct XUNZHANG_TELEGRAM_API"
                ) from None
            except TelegramError as error:
                pause = next(pauses, _RETRY_SECONDS[-1])
                logger.warning(
                    "%s cannot be reached (%s); trying again in %d s",
                    self._options.api,
                    error,
                    pause,
                )
            await asyncio.sleep(pause)

    async def _serve(self, app: App, office: Office, polling: PollRequest) -> None:
        office.me = Me(app.bot.id, app.bot.username)
        polling.polled = office.clock()
        self._greet(app, office)
        mode = "webhook" if self._options.webhook else "polling"
        path = health_file(self._settings)
        work = [
            asyncio.create_task(pulse(office, path, mode, lambda: polling.polled)),
            asyncio.create_task(watch_index(office)),
            asyncio.create_task(forget_in_time(office)),
            asyncio.create_task(tidy_up(office)),
            asyncio.create_task(set_menus(app.bot, office.access.admins)),
        ]
        metrics = await self._metrics(office)
        queue = app.update_queue
        await app.start()
        if isinstance(queue, JournalQueue) and (left := await queue.replay(app.bot)):
            logger.info("%d messages were left by the last run", left)
        if await self._until_stopped(listen(app, office.sender, self._options, self._poll_failed)):
            await self._stop.wait()
        if metrics is not None:
            metrics.close()
        await self._drain(app)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

    async def _drain(self, app: App) -> None:
        """Stop listening, finish what is being answered, leave the rest to the journal."""
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN_SECONDS - 2
        note("stopping")
        # That its last getUpdates failed is no news where Telegram cannot be reached.
        logging.getLogger("telegram.ext.Updater").setLevel(logging.CRITICAL)
        with suppress(TelegramError, TimeoutError, RuntimeError):
            if app.updater is not None and app.updater.running:
                await asyncio.wait_for(app.updater.stop(), 2)
        try:
            await asyncio.wait_for(app.update_queue.join(), max(0.1, until - loop.time()))
        except TimeoutError:
            logger.warning("unfinished questions are answered at the next start")
            for task in asyncio.all_tasks():
                if task.get_name().startswith(f"Application:{app.bot.id}:process"):
                    task.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(app.stop(), 1)

    async def _until_stopped(self, work: Awaitable[None]) -> bool:
        """Run work to its end; False if the bot is told to stop before."""
        task, stop = asyncio.ensure_future(work), asyncio.create_task(self._stop.wait())
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            await task
            return not self._stop.is_set()
        task.cancel()
        with suppress(asyncio.CancelledError, TelegramError):
            await task
        return False

    async def _metrics(self, office: Office) -> asyncio.Server | None:
        if self._options.metrics is None:
            return None
        host, port = address(self._options.metrics)
        try:
            return await serve_metrics(partial(metrics_text, office), host, port)
        except OSError as error:
            logger.error("no metrics at %s: %s", self._options.metrics, error.strerror)
            return None

    def _greet(self, app: App, office: Office) -> None:
        listed = len(office.access.allowed)
        whom = f"{listed} listed people and groups" if listed else "everyone (no XUNZHANG_ALLOWED)"
        note(f"@{office.me.username} answers {whom}, from {office.library.generation}")
        if not app.bot.can_read_all_group_messages:
            note("privacy mode is on: in groups, /ask and replies reach the bot for certain")
        if self._options.inline and not app.bot.supports_inline_queries:
            note("inline mode is off at @BotFather; switch it on there: /setinline")

    def _poll_failed(self, error: TelegramError) -> None:
        if not isinstance(error, Conflict):
            logger.warning("getUpdates failed and is tried again: %s", error)
            return
        now = asyncio.get_running_loop().time()
        if self._conflict_told is None or now - self._conflict_told > 60:
            self._conflict_told = now
            note("another program polls with this bot's token; stop one of the two")

    def _rejected(self, app: App) -> None:
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check_token(app))

    async def _check_token(self, app: App) -> None:
        """Stop if getMe, too, says that the token is wrong; nothing else says so for certain."""
        try:
            await app.bot.get_me()
        except InvalidToken:
            if not self._stop.is_set():
                note("Telegram no longer accepts the token; get a new one from @BotFather")
                # What the library has to say about it is a page long.
                logging.getLogger("telegram").setLevel(logging.CRITICAL)
            self._code = 1
            self._stop.set()
        except TelegramError as error:
            logger.info("getMe failed, the token may be right: %s", error)
