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
text { fill: var(--fore); } .name { font-weight: 600; font-size: 13px; }
.column text { font-size: 12px; } .column rect { fill: transparent; } .column { cursor: pointer; }
.column:hover rect { fill: var(--hover); } .column.start rect { fill: var(--mark); }
.found > rect, .column.found rect { fill: var(--found) !important; }
.edge { fill: none; stroke-width: 1.6; opacity: .75; }
.edge.identity { stroke: var(--identity); } .edge.transformation { stroke: var(--transformation); }
.edge.aggregation { stroke: var(--aggregation); } .edge.indirect { stroke: var(--indirect); stroke-dasharray: 5 3; }
.tracing .edge { opacity: .07; } .tracing .column:not(.on) text { opacity: .35; } .tracing .edge.on { opacity: 1; stroke-width: 2.6; }
.direct .indirect { display: none; } header .indirect { display: inline !important; }
details { margin: 14px 24px 32px; } summary { cursor: pointer; color: var(--soft); margin-bottom: 8px; }
table { border-collapse: collapse; font-size: 13px; }
td:nth-child(-n+3) { white-space: nowrap; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 14px 4px 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
@media print { .picture { max-height: none; overflow: visible; } .tools { display: none; } }
"""

_SCRIPT = """
const root = document.documentElement, view = document.querySelector('.picture'), svg = view.querySelector('svg');
const edges = [...svg.querySelectorAll('.edge')], columns = [...svg.querySelectorAll('.column')];
const boxes = [...svg.querySelectorAll('.box')], rows = [...document.querySelectorAll('tbody tr')];
const by = id => document.getElementById(id), wide = +svg.getAttribute('width'), high = +svg.getAttribute('height');
if (matchMedia('(prefers-color-scheme: dark)').matches) root.classList.add('dark');
by('theme').onclick = () => root.classList.toggle('dark');
by('direct').onchange = event => document.body.classList.toggle('direct', event.target.checked);

let zoom = 1, kept = null;
function size(to) {
  const x = (view.scrollLeft + view.clientWidth / 2) / zoom, y = (view.scrollTop + view.clientHeight / 2) / zoom;
  zoom = Math.min(2, Math.max(.1, to));
  svg.setAttribute('width', wide * zoom); svg.setAttribute('height', high * zoom);
  view.scrollLeft = x * zoom - view.clientWidth / 2; view.scrollTop = y * zoom - view.clientHeight / 2;
}
by('in').onclick = () => size(zoom * 1.25);
by('out').onclick = () => size(zoom / 1.25);
by('fit').onclick = () => size(Math.min(1, (view.clientWidth - 4) / wide, (innerHeight * .76 - 4) / high));
view.addEventListener('wheel', event => {
  if (event.ctrlKey) { event.preventDefault(); size(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1)); }
}, { passive: false });
let held = null;
view.onpointerdown = event => { if (!event.target.closest('.column')) held = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop]; };
onpointermove = event => { if (held) { view.scrollLeft = held[0] - event.clientX; view.scrollTop = held[1] - event.clientY; } };
onpointerup = () => { held = null; };
function show(element) { element.scrollIntoView({ block: 'center', inline: 'center' }); scrollTo(0, 0); }

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
  svg.classList.add('tracing');
}
function untrace() { svg.classList.remove('tracing'); }
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
    const found = wanted !== '' && one.dataset.name.toLowerCase().includes(wanted);
    one.classList.toggle('found', found);
    if (found) hits.push(one);
  }
  for (const row of rows) row.hidden = wanted !== '' && !row.textContent.toLowerCase().includes(wanted);
  by('hits').textContent = wanted === '' ? '' : hits.length + ' found';
  turn = 0;
  if (hits.length) show(hits[0]);
};
by('search').onkeydown = event => { if (event.key === 'Enter' && hits.length) show(hits[turn = (turn + 1) % hits.length]); };
const start = svg.querySelector('.start');
if (start && (wide > view.clientWidth || high > view.clientHeight)) show(start);
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
<div class="picture"><svg width="@width@" height="@height@" viewBox="0 0 @width@ @height@" xmlns="http://www.w3.org/2000/svg" role="img">
@body@
</svg></div>
<details open><summary>the edges as a table</summary>
<table><thead><tr><th>from</th><th>to</th><th>how</th><th>expression</th></tr></thead><tbody>
@rows@
</tbody></table></details>
<script>{_SCRIPT}</script></body></html>
"""
