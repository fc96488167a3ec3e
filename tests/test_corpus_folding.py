from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import fold
from corpus.fold_table import TABLE, character_classes
from corpus.folding import REGIONAL

_SENTENCES = """
消费者在网上买的衣服不合适，什么时候可以退货？
商家说这件商品已经拆封，所以不给退钱。
他把坏了的手机寄回去，等了两个星期才收到答复。
我们了解到，这家店里的面条和干果都过期了。
看着墙上挂着的钟，她着急地打了12315的电话。
皇后饭店后面的胡同里，有人发现头发和塑料混在一起。
乾隆年间的瓷器不能干放着，要保持干净干燥。
这只表只卖三百元，表面却有一条划痕。
台风过后，台湾的几个台阶被冲坏了。
征求意见之后，征收的范围缩小了一半。
松树下面松软的土地里种着几里长的谷子。
他借口系统维护，把联系方式都取消了。
锻炼身体的人多了，项链却丢了一条。
注释写得很清楚，周围的人都准许他参加。
医院复查的结果和复印件一起寄来了。
钟表行的老板姓钟，卖的是座钟和闹钟。
几只熏鸡的包装像画一样，可是味道不好。
云南的游客说，导游强迫他们购买玉镯。
丑时发生的事，他们仔细地记在账本上。
酒店征订的杂志里有杂技团的广告。
"""
SENTENCES = _SENTENCES.split()
_WORDS = """
退货 赔偿 质量 检验 监督 标准 欺诈 虚假 广告 预付卡 定金 订金 发票 收据 快递 包裹
外卖 食品 药品 化妆品 汽车 召回 缺陷 网络 软件 信息 数据 隐私 平台 直播 主播
经营者 消费者 协会 仲裁 诉讼 起诉 法院 判决 合同 格式条款 霸王条款 最低消费 价格
涨价 打折 优惠 积分 会员 自动续费 押金 租赁 物业 装修 家具 家电 维修 三包 保修
更换 折旧 鉴定 举证 责任 连带 惩罚性 卫生 面粉 挂面 干货 干部 干涉 树干 头发 发展
出发 后果 皇后 里程 公里 里面 松开 云彩 复杂 重复 回复 恢复 丰富 台风 电台 征收
象征 制造 制度 范围 模范 准备 批准 冲突 冲洗 注意 关注 松鼠 游泳 旅游 钟点 钟情
志愿 杂志 占卜 萝卜 系统 关系 联系 只是 一只 余额 剩余 几乎 茶几 须知 胡须 胡同
吁请 呼吁 御寒 防御 朱砂 板块 老板 表演 手表 别扭 区别 采购 开采 蔑视 仆人
前仆后继 当铺 床铺 姜汤 借钱 借口 克服 千克 夸张 困难 抵触 党员 向导 方向 累计
连累 帘子 霉菌 面积 苹果 凭据 千秋 秋千
"""
WORDS = _WORDS.split()


@pytest.mark.parametrize("config", ["s2t", "s2tw", "s2hk"])
def test_either_script_folds_alike(config: str) -> None:
    import opencc

    there = opencc.OpenCC(config)
    back = [opencc.OpenCC(name) for name in ("t2s", "tw2s", "hk2s")]
    for line in [*SENTENCES, *WORDS]:
        traditional = there.convert(line)
        assert fold(traditional) == fold(line)
        for converter in back:
            assert fold(converter.convert(traditional)) == fold(line)


def test_enough_is_compared() -> None:
    assert len(SENTENCES) + len(set(WORDS)) >= 150


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("坏", "壞"),
        ("什么", "甚麼"),
        ("什么", "什麼"),
        ("看著", "看着"),
        ("了解", "瞭解"),
        ("ＡＢＣ１２３", "abc123"),
        ("㈱", "(株)"),
        ("消\u200b费", "消费"),
        ("皇后與後來的后宮", "皇后与后来的后宫"),
        ("這裡、這裏、里程", "这里、这里、里程"),
        ("乾淨的幹部不干涉", "干净的干部不干涉"),
        ("頭髮與發票", "头发与发票"),
        ("颱風，平臺，臺灣", "台风，平台，台湾"),
        ("麵包、麪粉、方面", "面包、面粉、方面"),
        ("壞了的乾安縣", "坏了的乾安县"),
        ("名著看著", "名着看着"),
        ("Straße", "STRASSE"),
    ],
)
def test_what_counts_as_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_golden() -> None:
    assert fold("乾安縣的餅乾與幹部") == "干安县的饼干与干部"
    assert fold("網購７天無理由退貨，著作權「爭議」") == "网购七天无理由退货,着作权「争议」"
    assert fold("") == ""


def test_different_words_stay_different() -> None:
    folded = {fold(word) for word in ("退货", "退款", "定金", "订金", "质量", "数量")}
    assert len(folded) == 6


@given(st.text())
def test_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF)))
def test_idempotent_and_one_to_one_on_han(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold(text)) == len(text)


@given(st.text(alphabet=f"ＡＢ＝ß%！…①年天{''.join(WORDS[:20])}麼甚後臺〇零两100") | st.text())
def test_the_short_way_folds_as_the_careful_one(text: str) -> None:
    # é is read with care, for it may be two characters; it counts nothing and joins nothing.
    assert fold(f"{text} é") == f"{fold(f'{text} 。').removesuffix('。')}é"


def test_what_joins_the_character_before_it_is_read_with_care() -> None:
    assert fold("か\u3099店") == fold("が店")
    assert fold("退\ufe0f货！") == "退货!"


def test_the_table_is_what_its_program_makes() -> None:
    assert TABLE.read_text(encoding="utf-8").split() == character_classes()


@pytest.mark.parametrize(
    ("taiwan", "mainland"), [("網路購物", "网络购物"), ("行動電源", "充电宝"), ("計程車", "出租车")]
)
def test_regional_words_fold_alike(taiwan: str, mainland: str) -> None:
    assert fold(taiwan) == fold(mainland)


@given(st.lists(st.sampled_from(REGIONAL.read_text(encoding="utf-8").split()), max_size=6))
def test_regional_words_in_a_row_fold_once(words: list[str]) -> None:
    once = fold("".join(words))
    assert fold(once) == once
