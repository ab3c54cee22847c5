"""The HTML page around a drawn trail, its style and its script. `@name@` stands for what page fills in."""

from __future__ import annotations

_STYLE = """
:root { --back: #f8fafc; --fore: #0f172a; --soft: #475569; --box: #fff; --line: #cbd5e1; --hover: #e2e8f0; --mark: #fef3c7;
  --found: #bbf7d0; --identity: #2563eb; --transformation: #7c3aed; --aggregation: #db2777; --indirect: #94a3b8; color-scheme: light; }
:root.dark { --back: #0f172a; --fore: #e2e8f0; --soft: #94a3b8; --box: #1e293b; --line: #475569; --hover: #334155; --mark: #713f12;
  --found: #14532d; --identity: #60a5fa; --transformation: #a78bfa; --aggregation: #f472b6; --indirect: #64748b; color-scheme: dark; }
* { box-sizing: border-box; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0; color: var(--fore); background: var(--back); }
header { padding: 14px 24px 10px; display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: center; }
h1 { font-size: 19px; margin: 0; overflow-wrap: anywhere; }
header span { color: var(--soft); white-space: nowrap; }
header i { display: inline-block; width: 22px; height: 3px; margin-right: 6px; vertical-align: middle; }
.identity i { background: var(--identity); } .transformation i { background: var(--transformation); }
.aggregation i { background: var(--aggregation); } .indirect i { background: var(--indirect); }
input[type=search] { font: inherit; padding: 3px 8px; width: 240px; color: inherit; background: var(--box); border: 1px solid var(--line); border-radius: 6px; }
button { font: inherit; padding: 2px 10px; color: inherit; background: var(--box); border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
.picture { overflow: auto; max-height: 76vh; border-block: 1px solid var(--line); cursor: grab; }
svg { display: block; }
.box > rect { fill: var(--box); stroke: var(--line); }
.box.start > rect { fill: var(--mark); }
text { fill: var(--fore); } .kind { fill: var(--soft); font-size: 11px; } .name { font-weight: 600; font-size: 13px; }
.column text { font-size: 12px; } .column rect { fill: transparent; } .column { cursor: pointer; }
.column:hover rect { fill: var(--hover); } .column.start rect { fill: var(--mark); }
.found > rect, .column.found rect { fill: var(--found) !important; }
.edge { fill: none; stroke-width: 1.6; opacity: .75; }
.edge.identity { stroke: var(--identity); } .edge.transformation { stroke: var(--transformation); }
.edge.aggregation { stroke: var(--aggregation); } .edge.indirect { stroke: var(--indirect); stroke-dasharray: 5 3; }
.tracing .edge { opacity: .07; } .tracing .column:not(.on) text { opacity: .35; } .tracing .edge.on { opacity: 1; stroke-width: 2.6; }
.direct tr.indirect, .direct svg.all, body:not(.direct) svg.values { display: none; }
details { margin: 14px 24px 32px; } summary { cursor: pointer; color: var(--soft); margin-bottom: 8px; }
table { border-collapse: collapse; font-size: 13px; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 14px 4px 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; min-width: 7em; }
td:nth-child(-n+2) { min-width: 12em; }
@media (max-width: 760px) {
  header { padding: 12px 14px 8px; } h1 { font-size: 16px; } details { margin: 12px 14px 24px; }
  thead { display: none; } table, tbody, tr, td { display: block; width: 100%; } tr { border-bottom: 1px solid var(--line); padding: 6px 0; }
  tr[hidden], .direct tr.indirect { display: none; }
  td, td:nth-child(-n+2) { border: 0; min-width: 0; padding: 1px 0; } td:empty { display: none; }
  td:nth-child(2)::before { content: "→ "; } td:nth-child(3) { color: var(--soft); }
  input[type=search] { width: 100%; } .picture { max-height: 60vh; }
}
@media print { .picture { max-height: none; overflow: visible; } .tools { display: none; } }
"""

_SCRIPT = """
const root = document.documentElement, view = document.querySelector('.picture'), drawings = [...view.querySelectorAll('svg')];
const edges = [...view.querySelectorAll('.edge')], columns = [...view.querySelectorAll('.column')];
const boxes = [...view.querySelectorAll('.box')], rows = [...document.querySelectorAll('tbody tr')];
const by = id => document.getElementById(id), extent = svg => svg.viewBox.baseVal;
const shown = () => drawings.find(svg => svg.classList.contains(by('direct').checked ? 'values' : 'all'));
if (matchMedia('(prefers-color-scheme: dark)').matches) root.classList.add('dark');
by('theme').onclick = () => root.classList.toggle('dark');
function choose() { document.body.classList.toggle('direct', by('direct').checked); begin(); }
by('direct').onchange = choose;

let zoom = 1, kept = null;
function size(to) {
  const x = (view.scrollLeft + view.clientWidth / 2) / zoom, y = (view.scrollTop + view.clientHeight / 2) / zoom;
  zoom = Math.min(2, Math.max(.1, to));
  for (const svg of drawings) { svg.setAttribute('width', extent(svg).width * zoom); svg.setAttribute('height', extent(svg).height * zoom); }
  view.scrollLeft = x * zoom - view.clientWidth / 2; view.scrollTop = y * zoom - view.clientHeight / 2;
}
by('in').onclick = () => size(zoom * 1.25);
by('out').onclick = () => size(zoom / 1.25);
by('fit').onclick = () => size(Math.min(1, (view.clientWidth - 4) / extent(shown()).width, (innerHeight * .76 - 4) / extent(shown()).height));
view.addEventListener('wheel', event => {
  if (event.ctrlKey) { event.preventDefault(); size(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1)); }
}, { passive: false });
let held = null;
view.onpointerdown = event => { if (!event.target.closest('.column')) held = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop]; };
onpointermove = event => { if (held) { view.scrollLeft = held[0] - event.clientX; view.scrollTop = held[1] - event.clientY; } };
onpointerup = () => { held = null; };
function middle(at, length, room) { return length > room ? at - 24 : at + length / 2 - room / 2; }
function show(element) {
  const box = element.getBBox();
  view.scrollLeft = middle(box.x * zoom, box.width * zoom, view.clientWidth);
  view.scrollTop = middle(box.y * zoom, box.height * zoom, view.clientHeight);
}
function begin() { const start = shown().querySelector('.start'); if (start) show(start); }

const into = new Map(), out = new Map();
for (const edge of edges) {
  (into.get(edge.dataset.b) || into.set(edge.dataset.b, []).get(edge.dataset.b)).push(edge);
  (out.get(edge.dataset.a) || out.set(edge.dataset.a, []).get(edge.dataset.a)).push(edge);
}
function trace(name) {
  const on = new Set([name]);
  edges.forEach(edge => edge.classList.remove('on'));
  for (const [map, end] of [[into, 'a'], [out, 'b']]) {
    const waiting = [name], seen = new Set(waiting);
    while (waiting.length) {
      const at = waiting.pop();
      for (const edge of map.get(at) || []) {
        const indirect = edge.classList.contains('indirect'), next = edge.dataset[end];
        if (indirect && at !== name) continue;
        edge.classList.add('on'); on.add(next);
        if (!indirect && !seen.has(next)) { seen.add(next); waiting.push(next); }
      }
    }
  }
  columns.forEach(column => column.classList.toggle('on', on.has(column.dataset.name)));
  view.classList.add('tracing');
}
function untrace() { view.classList.remove('tracing'); }
for (const column of columns) {
  const name = column.dataset.name;
  column.onmouseenter = () => trace(name);
  column.onmouseleave = () => kept ? trace(kept) : untrace();
  column.onclick = () => { kept = kept === name ? null : name; kept ? trace(kept) : untrace(); };
}

let hits = [], turn = 0;
by('search').oninput = event => {
  const wanted = event.target.value.trim().toLowerCase();
  hits = [];
  for (const one of [...boxes, ...columns]) {
    const there = shown().contains(one);
    const found = wanted !== '' && one.dataset.name.toLowerCase().includes(wanted);
    one.classList.toggle('found', found);
    if (found && there) hits.push(one);
  }
  for (const row of rows) row.hidden = wanted !== '' && !row.textContent.toLowerCase().includes(wanted);
  by('hits').textContent = wanted === '' ? '' : hits.length + ' found';
  turn = 0;
  if (hits.length) show(hits[0]);
};
by('search').onkeydown = event => { if (event.key === 'Enter' && hits.length) show(hits[turn = (turn + 1) % hits.length]); };
choose();
"""

PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lineage of @title@</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style></head><body>
<header><h1>Lineage of @title@</h1><span>@told@</span>@legend@
<span class="tools"><label><input type="checkbox" id="direct"> values only</label></span>
<span class="tools"><input type="search" id="search" placeholder="find a table or column" aria-label="find"> <b id="hits"></b></span>
<span class="tools"><button id="out" title="smaller">−</button> <button id="in" title="larger">+</button>
<button id="fit" title="all of it">fit</button> <button id="theme" title="dark or light">◐</button></span></header>
<div class="picture">@all@
@values@</div>
<details open><summary>the edges as a table</summary>
<table><thead><tr><th>from</th><th>to</th><th>how</th><th>expression</th></tr></thead><tbody>
@rows@
</tbody></table></details>
<script>{_SCRIPT}</script></body></html>
"""
