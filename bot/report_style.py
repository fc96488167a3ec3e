"""The looks of the report: light and dark, narrow and wide, and fit to print."""

STYLE = """
:root{--ink:#1d2430;--soft:#667085;--line:#e4e7ec;--page:#f7f8fa;--card:#fff;--accent:#2f6fed;
--clean:#3aa76d;--trimmed:#8fc9a8;--repaired:#f0b429;--damaged:#d64545;
--del:#fbe1e1;--delink:#a32020;--ins:#d9f2e3;--insink:#14643a}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#98a2b3;--line:#303846;--page:#12161d;
--card:#1a202a;--accent:#7aa5ff;--del:#4a1f24;--delink:#ffb3b3;--ins:#16402a;--insink:#a5e8c2}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.7 system-ui,-apple-system,
"PingFang SC","PingFang TC","Microsoft YaHei","Microsoft JhengHei","Noto Sans CJK SC",
"Noto Sans CJK TC",sans-serif}
html[lang=zh-Hant] body{font-family:system-ui,-apple-system,"PingFang TC","Microsoft JhengHei",
"Noto Sans CJK TC",sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 80px}
h1{font-size:28px;margin:0 0 4px}h2{font-size:19px;margin:0 0 12px}
h4{font-size:13px;font-weight:600;color:var(--soft);margin:12px 0 6px}
.facts,.note,.path,small{color:var(--soft)}.facts{margin:0 0 24px}.note{margin:0 0 10px}
small,.path,.note{font-size:13px}.path{margin:6px 0;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 22px;
margin:0 0 18px}
.bar{display:flex;height:18px;border-radius:9px;overflow:hidden;background:var(--line)}
.bar span{min-width:3px}
.clean{background:var(--clean)}.trimmed{background:var(--trimmed)}.repaired{background:var(--repaired)}
.damaged{background:var(--damaged)}
.legend{display:flex;flex-wrap:wrap;gap:6px 28px;list-style:none;margin:14px 0 0;padding:0}
.dot{display:inline-block;width:11px;height:11px;border-radius:50%;margin-right:7px}
.warn{color:var(--damaged);margin:10px 0 0}.warn:empty{display:none}
table{width:100%;border-collapse:collapse}
th{font-size:13px;font-weight:500;color:var(--soft);text-align:right;padding:0 0 6px 14px}
td{padding:6px 0 6px 14px;text-align:right;border-top:1px solid var(--line);white-space:nowrap;
font-variant-numeric:tabular-nums;vertical-align:top}
th:first-child,td:first-child{text-align:left;padding-left:0;width:60%;white-space:normal;
overflow-wrap:anywhere}
tr:first-child td{border-top:0}
.meter{height:4px;border-radius:2px;background:var(--line);margin-top:4px}
.meter i{display:block;height:4px;border-radius:2px;background:var(--accent);min-width:2px}
details{border-top:1px solid var(--line);padding:10px 0}details:first-of-type{border-top:0}
summary{cursor:pointer;overflow-wrap:anywhere}.title,summary a{font-weight:600}
a{color:var(--accent)}ul{margin:8px 0;padding-left:22px}ul:empty{display:none}
.dropped{list-style:none;padding:0}.dropped li{margin:0 0 6px}li.note{list-style:none}
.tag{display:inline-block;font-size:12px;line-height:1.6;padding:0 8px;border-radius:9px;
background:var(--line);margin-right:4px}
.text{white-space:pre-wrap;overflow-wrap:anywhere;font-size:15px;line-height:1.85;
max-height:520px;overflow-y:auto;padding:12px 14px;border:1px solid var(--line);border-radius:8px}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}.pair>div{min-width:0}
del{background:var(--del);color:var(--delink);text-decoration:none;border-radius:3px}
.dropped del{text-decoration:line-through;text-decoration-thickness:1px}
ins{background:var(--ins);color:var(--insink);text-decoration:none;border-radius:3px}
mark.lost{background:var(--damaged);color:#fff;border-radius:3px;padding:0 2px}
.code{font:11px/1 ui-monospace,monospace;border:1px solid currentColor;border-radius:3px;
padding:0 2px;margin:0 1px}
.columns{display:grid;grid-template-columns:repeat(3,1fr);gap:18px;align-items:start}
@media (max-width:760px){.pair,.columns{grid-template-columns:1fr}main{padding:20px 12px 60px}
section{padding:16px}}
@media print{body{background:#fff}.text{max-height:none}section{break-inside:auto}}
"""
