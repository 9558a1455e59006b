// How the page looks: one column of sections, light or dark as the reader's system is, from 320 pixels on, and on paper.
import { Markup } from './markup.ts';

const light =
  '--bg:#f6f7f9;--card:#fff;--ink:#171b22;--soft-ink:#566071;--line:#dfe3ea;--accent:#2f6fde;--accent-soft:#c9dbf8;' +
  '--good:#12703f;--good-bg:#dcf3e6;--warn:#855300;--warn-bg:#fdeecb;--bad:#b3261e;--bad-bg:#fbe3e1;' +
  '--c1:#2f6fde;--c2:#0f9d8c;--c3:#e08a1e;--c4:#8a63d2;--c5:#c2477f;--c6:#9aa5b5';
const dark =
  '--bg:#0e1116;--card:#161b22;--ink:#e8ebf0;--soft-ink:#9ba6b5;--line:#2a313c;--accent:#6ea3ff;--accent-soft:#27406e;' +
  '--good:#5fd08f;--good-bg:#12301f;--warn:#f0b84b;--warn-bg:#382a0c;--bad:#ff8a80;--bad-bg:#3d1815;' +
  '--c1:#6ea3ff;--c2:#3fc7b4;--c3:#f0a94c;--c4:#b394f0;--c5:#ec7fb0;--c6:#5c6777';

export const style = new Markup(
  `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1080px;margin:0 auto;padding:28px 20px 8px}
footer{max-width:1080px;margin:0 auto;padding:8px 20px 40px;color:var(--soft-ink);font-size:13px}
h1,h2,h3,h4,p,dl,dd,ul,ol,table,pre{margin:0}
h1{font-size:30px;line-height:1.2;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:19px;letter-spacing:-.01em;margin-bottom:14px}
h3{font-size:14px;font-weight:600;margin-bottom:8px;overflow-wrap:anywhere}
h4{font-size:13px;font-weight:600;margin:12px 0 6px}
small{font-weight:400;color:var(--soft-ink);font-size:13px}
code,pre{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:8px 10px;margin-top:6px}
header{margin-bottom:18px}
.sub{color:var(--soft-ink);overflow-wrap:anywhere}
.verdict{display:inline-block;padding:2px 11px;border-radius:99px;font-weight:600;font-size:13px;margin-bottom:8px}
.verdict.bad{color:var(--bad);background:var(--bad-bg)}
.reasons{padding-left:20px}.reasons li{white-space:pre-line;overflow-wrap:anywhere;margin-bottom:8px}
.reasons.one{padding:0;list-style:none}
.good{color:var(--good);background:var(--good-bg)}.warn{color:var(--warn);background:var(--warn-bg)}.bad{color:var(--bad)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px 22px;margin-bottom:18px}
.sum{display:flex;flex-wrap:wrap;gap:2px 12px;font-size:17px;margin-bottom:16px}
.sum b{font-size:20px;letter-spacing:-.01em}
.note,.lead{margin-bottom:12px}.note{color:var(--soft-ink);font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:10px}
.tiles div{border-top:2px solid var(--line);padding-top:8px;min-width:0}
.tiles dt{color:var(--soft-ink);font-size:13px}
.tiles b{display:block;font-size:21px;font-weight:600;line-height:1.3;letter-spacing:-.01em}
.tiles small{display:block}
.chart{margin-bottom:22px}.chart:last-child{margin-bottom:0}
.plot{display:grid;grid-template-columns:56px minmax(0,1fr)}
.plot.bare{grid-template-columns:minmax(0,1fr)}
.plot svg{width:100%;display:block;border-bottom:1px solid var(--line);overflow:hidden}
.y{position:relative}
.y span{position:absolute;right:8px;transform:translateY(50%);font-size:11.5px;line-height:1;color:var(--soft-ink);white-space:nowrap}
.x{position:relative;height:19px;grid-column:-2/-1}
.x span{position:absolute;top:4px;transform:translateX(-50%);font-size:11.5px;line-height:1.2;color:var(--soft-ink);white-space:nowrap}
.x .first{transform:none}.x .last{transform:translateX(-100%)}
path{vector-effect:non-scaling-stroke}
.grid{stroke:var(--line);stroke-width:1;fill:none}
.area{fill:var(--accent)}.soft{fill:var(--accent-soft)}.edge{fill:none;stroke:var(--accent);stroke-width:1.5}
.mark{fill:none;stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3;opacity:.65}
.split{fill:var(--accent)}
.frame{fill:none;stroke:var(--card);stroke-width:1}.frame.retried{stroke:var(--bad);stroke-width:2}
i.retried{background:none;border:2px solid var(--bad)}
.stage-infer,.share-model{fill:var(--c1);background:var(--c1)}
.stage-read,.share-reading{fill:var(--c2);background:var(--c2)}
.stage-write,.share-writing{fill:var(--c3);background:var(--c3)}
.stage-bind,.share-start-up{fill:var(--c4);background:var(--c4)}
.stage-commit,.share-between-splits{fill:var(--c5);background:var(--c5)}
.stage-open,.share-idle{fill:var(--c6);background:var(--c6)}
.phase-preflight{background:var(--c4)}.phase-scoring{background:var(--c1)}.phase-publishing{background:var(--c3)}
.phases,.stack{display:flex;height:12px;border-radius:4px;overflow:hidden;gap:1px;background:var(--line)}
.phases{margin-left:56px}
.stack{height:26px}.thin{height:10px;max-width:170px;margin-top:5px}.thin i{background:var(--accent)}.s .top{display:block;max-width:190px;color:var(--soft-ink);font-size:12px;margin-top:3px}
.legend{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:2px 16px;margin-top:8px;font-size:13px;color:var(--soft-ink)}
.legend b{color:var(--ink);font-weight:600}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px;vertical-align:-1px}
.phases+.legend{margin-left:56px}
.two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:32px;margin-top:4px}
table{border-collapse:collapse;width:100%;font-size:13.5px}
caption{text-align:left;font-size:13px;color:var(--soft-ink);padding-bottom:4px}
th{text-align:left;font-weight:500;vertical-align:top}
thead th{color:var(--soft-ink);font-size:12px;font-weight:500;border-bottom:1px solid var(--line);padding:2px 0 4px}
.n{text-align:right;white-space:nowrap}
th.n,td.n{padding-left:12px}
.words tbody th{width:100%;padding:4px 0 5px;min-width:0}
.words tbody td{padding-top:4px;vertical-align:top}
.words .w{display:block;overflow-wrap:anywhere;line-height:1.35}
.words i{display:block;height:5px;border-radius:2px;background:var(--accent);min-width:1px;margin-top:2px}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:16px}
.card{border:1px solid var(--line);border-radius:9px;padding:14px 16px;min-width:0}
.card h3{margin:0;font-size:15px}
.type{color:var(--soft-ink);font-size:13px;margin-bottom:10px;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(66px,1fr));gap:4px 10px;margin-top:10px;font-size:13px}
.facts div{min-width:0}
.facts dt{color:var(--soft-ink);font-size:12px}
.facts dd{overflow-wrap:anywhere}
.features td,.features tbody th{border-bottom:1px solid var(--line);padding-top:7px;padding-bottom:7px;vertical-align:top}
.features tbody th{padding-right:12px;min-width:150px}
.features .w{display:block;overflow-wrap:anywhere;font-weight:600}
.features small{display:block;font-size:12px}
.features .s{width:170px}
.spark{width:100%;max-width:170px;height:30px;display:block;border-bottom:1px solid var(--line)}
.has{color:var(--warn);font-weight:600}
details summary{cursor:pointer;color:var(--accent);font-size:13px}
.wide,.reason{border-top:1px solid var(--line);padding-top:10px;margin-top:12px}
.wide>summary,.reason>summary{color:var(--ink);font-weight:600;font-size:14px}
.wide>*:not(summary){margin-top:10px}
.reason>.note{margin:8px 0}
.top{font-size:13px;font-weight:400;margin-top:6px;overflow-wrap:anywhere}
.columns,.examples,.about dd,.path{overflow-wrap:anywhere}
.examples{padding-left:20px;margin-top:6px}.examples li{margin-bottom:10px}
.about>div{display:grid;grid-template-columns:88px minmax(0,1fr);gap:12px;padding:7px 0;border-bottom:1px solid var(--line)}
.about dt{color:var(--soft-ink)}
.about ul{padding-left:18px;max-height:220px;overflow:auto}
.hash{font:12px ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;color:var(--soft-ink);overflow-wrap:anywhere}
.scroll{overflow-x:auto;max-height:420px}
.scroll th,.scroll td{white-space:nowrap}.scroll td{padding-top:3px;padding-bottom:3px}.scroll td:last-child,.scroll th:last-child{padding-left:14px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:720px){
main{padding:18px 12px 4px}footer{padding:8px 14px 32px}
section{padding:16px 14px;border-radius:10px}
h1{font-size:25px}
.two{grid-template-columns:minmax(0,1fr);gap:22px}
.tiles{grid-template-columns:1fr 1fr}
.cards{grid-template-columns:minmax(0,1fr)}
.plot{grid-template-columns:46px minmax(0,1fr)}.phases,.phases+.legend{margin-left:46px}
.features thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.features,.features tbody{display:block}
.features tr{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:6px 10px;padding:12px 0;border-bottom:1px solid var(--line)}
.features tbody th,.features td{border:0;padding:0;min-width:0}
.features tbody th,.features .s{grid-column:1/-1;width:auto}
.features .s:empty{display:none}
.features td.n{text-align:left;white-space:normal;overflow-wrap:anywhere;font-size:13px}
.features td.n::before{content:attr(data-l);display:block;color:var(--soft-ink);font-size:11.5px;font-weight:400}
.spark{max-width:none;height:36px}
.about>div{grid-template-columns:minmax(0,1fr);gap:0}
}
@media print{body{background:#fff}section{break-inside:avoid;border-color:#ccc}#features,#about{break-inside:auto}}
`.trim(),
);
