/** The estate as a picture and as a list: selection, focus, groups, lenses, and the path of one column. */
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiProblem, post, useAsk } from "../api/client";
import type { CostDocument, GraphDocument, LineageDocument, PlanAnswer } from "../api/types";
import { useNow } from "../clock";
import { arrange } from "../graph/arrange";
import { Canvas, type Handle } from "../graph/Canvas";
import { colours } from "../graph/colours";
import { columnPath, ranked } from "../graph/columnPath";
import { links, trail, type Hit } from "../graph/hit";
import { lensed, LENSES, type Lens } from "../graph/lens";
import { Icon } from "../parts/Icon";
import { Empty, Loading, Segments, Trouble } from "../parts/Panel";
import { Selector } from "../parts/Selector";
import { State } from "../parts/State";
import { decided, isBad, shown } from "../parts/states";
import { promised, stateOf, useProject } from "../project";
import { go, refine, to, type Place } from "../route";
import { useTheme } from "../theme";
import { edged, EDGES, kept } from "./Column";
import { FailedPanel, failedOf } from "./FailedPanel";
import { GraphList } from "./GraphList";
import { GraphPanel } from "./GraphPanel";

const GROUPS = ["none", "tool", "project", "folder", "schema", "owner"] as const;

const LARGE = 150; // assets from which the groups of the whole estate are closed at first

const whole = (place: Place) => !["select", "focus", "column"].some((name) => place.query.get(name));
const grouping = (place: Place, assets: number) => place.query.get("group") ?? (assets > LARGE ? "folder" : "schema");
const closing = (place: Place, assets: number) => place.query.get("collapse") ?? (assets > LARGE && whole(place) ? "*" : "");

/** What the dearer lenses look at is asked for when they are chosen. */
function useLooked(lens: Lens) {
  const cost = useAsk<CostDocument>(lens === "cost" ? "cost" : null, { by: "asset", days: 30 });
  const [plan, setPlan] = useState<{ decisions: Map<string, string> } | { trouble: string } | null>(null);
  useEffect(() => {
    if (lens !== "next") return undefined;
    let current = true;
    setPlan(null);
    post<PlanAnswer>("plans", { checks: false }).then(
      (made) => current && setPlan({ decisions: new Map(made.items.map((item) => [item.name, decided(item)])) }),
      (error: unknown) => current && setPlan({ trouble: error instanceof ApiProblem ? `${error.title}. ${error.detail}` : String(error) }),
    );
    return () => void (current = false);
  }, [lens]);
  const spent = useMemo(() => (cost.data ? new Map(cost.data.lines.map((line) => [line.name, line])) : null), [cost.data]);
  const trouble = lens === "cost" && cost.error ? String(cost.error) : lens === "next" && plan && "trouble" in plan ? plan.trouble : "";
  return { cost: spent, next: plan && "decisions" in plan ? plan.decisions : null, trouble, waits: !trouble && ((lens === "cost" && !cost.data) || (lens === "next" && !plan)) };
}

function useShown(place: Place, assets: number, list: boolean) {
  const word = (name: string) => place.query.get(name) ?? "";
  const column = word("column");
  const which = edged(place);
  const all = useAsk<LineageDocument>(column ? "lineage" : null, { of: column, direct: false });
  const told = useMemo(() => all.data && { ...all.data, edges: all.data.edges.filter((edge) => kept(edge, which)) }, [all.data, which]);
  const lineage = { ...all, data: told };
  const path = useMemo(() => (told ? columnPath(told) : null), [told]);
  const select = path ? path.assets.join(" ") : word("mode") === "highlight" ? "" : word("select");
  const graph = useAsk<GraphDocument>(column && !path ? null : "graph", {
    select,
    focus: word("focus"),
    up: word("focus") ? word("up") || 2 : undefined,
    down: word("focus") ? word("down") || 2 : undefined,
    group: grouping(place, assets),
    collapse: list ? "" : closing(place, assets), // a list closes its groups itself
  });
  const highlighted = useAsk<GraphDocument>(word("mode") === "highlight" && word("select") ? "graph" : null, { select: word("select") });
  return { graph, path, lineage, highlighted: word("mode") === "highlight" && word("select") ? highlighted.data : undefined, column };
}

export function Graph({ place }: { place: Place }) {
  const known = useProject();
  const theme = useTheme();
  const now = useNow(30_000);
  const handle = useRef<Handle>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [tells, setTells] = useState(true); // of what failed, while nothing is chosen
  const lens = (place.query.get("lens") ?? "state") as Lens;
  const narrow = window.innerWidth <= 760;
  const list = (place.query.get("as") ?? (narrow ? "list" : "picture")) === "list";
  const { graph, path, lineage, highlighted, column } = useShown(place, known.project.assets, list);
  const looked = useLooked(lens);
  const chosenId = place.query.get("asset") ?? place.query.get("focus") ?? (column ? path?.start : undefined);
  const document = useMemo(() => (graph.data && lineage.data && path ? ranked(graph.data, lineage.data) : graph.data), [graph.data, lineage.data, path]);
  const scene = useMemo(() => (document ? arrange(document, path?.opened) : null), [document, path]);
  const tied = useMemo(() => (document ? links(document.nodes.length, document.edges) : null), [document]);
  const at = useMemo(() => new Map((document?.nodes ?? []).map((node, index) => [node.id, index])), [document]);
  const chosen = chosenId !== undefined ? (at.get(chosenId) ?? null) : null;
  const lit = useMemo(() => {
    if (path || !document || !tied) return null;
    if (chosen !== null) return trail(chosen, tied);
    return highlighted ? new Set(highlighted.nodes.flatMap((node) => at.get(node.id) ?? [])) : null;
  }, [path, document, tied, chosen, highlighted, at]);
  const marks = useMemo(() => (document ? lensed(document, lens, { status: known.status, promises: known.promises, cost: looked.cost, next: looked.next, now }, colours()) : []), [document, lens, known.status, known.promises, looked.cost, looked.next, theme, now]);
  const shownNames = useMemo(() => (document?.nodes ?? []).flatMap((node) => (node.kind === "group" ? (node.members ?? []) : [node.id])), [document]);
  const failed = useMemo(() => failedOf(shownNames, known.status), [shownNames, known.status]);
  const picture = useMemo(
    () =>
      scene && document
        ? { scene, failed: path ? [] : failed.map((one) => at.get(one.name) ?? -1), edges: path ? [] : document.edges, marks, lit, chosen, hover, columnEdges: path ? path.edges(at) : [], chosenRow: column || null }
        : null,
    [scene, document, marks, lit, chosen, hover, path, at, column, failed],
  );
  const toggle = (group: string) => {
    const now = closing(place, known.project.assets);
    const closed = new Set(now === "*" ? Object.keys(document?.groups ?? {}) : now.split(",").filter(Boolean));
    if (!closed.delete(group)) closed.add(group);
    setHover(null);
    refine(place, { collapse: [...closed].join(",") || "-" }); // "-" closes nothing, and is not the beginning
  };
  const choose = (hit: Hit | null) => {
    const node = hit ? document?.nodes[hit.index] : undefined;
    if (node?.kind === "group") return toggle(node.group ?? "");
    if (node && hit?.row !== null && hit?.row !== undefined) {
      return refine(place, { column: `${node.id}.${path?.opened.get(node.id)?.[hit.row]?.name ?? ""}`, asset: node.id }, false);
    }
    return refine(place, { asset: node?.id });
  };
  if (graph.error || lineage.error) return <div className="page"><Toolbar place={place} total={null} /><Trouble error={graph.error ?? lineage.error} again={graph.again} /></div>;
  const closedNow = closing(place, known.project.assets);
  return (
    <div className="graph">
      <Toolbar place={place} total={document ? document.nodes.reduce((sum, node) => sum + (node.size ?? 1), 0) : null} />
      <div className="graph-body">
        {!picture || !document || !tied ? <Loading /> : document.nodes.length === 0 ? (
          <Empty title="Nothing to show" command="penstock refresh">No asset is in this selection, or nothing was observed yet.</Empty>
        ) : list ? (
          <GraphList graph={document} closed={closedNow === "*" ? "*" : new Set(closedNow.split(","))} toggle={toggle} status={known.status} chosen={chosenId} choose={(id) => refine(place, { asset: id })} now={now} />
        ) : (
          <div className="graph-picture">
            <Canvas
              ref={handle}
              picture={picture}
              links={tied}
              fitKey={`${document.hash} ${document.nodes.length} ${document.rows} ${document.ranks} ${document.nodes[0]?.id ?? ""} ${document.nodes[0]?.group ?? ""}`}
              label={`Graph of ${document.nodes.length} assets. Arrow keys follow edges, Enter opens, c closes the group, plus and minus zoom. The list shows the same.`}
              choose={choose}
              open={(index) => (document.nodes[index]?.kind === "group" ? toggle(document.nodes[index]?.group ?? "") : go(to("asset", document.nodes[index]!.id)))}
              hover={setHover}
              close={toggle}
            />
            <div className="legend small">
              {path ? <Kinds /> : looked.trouble ? <span className="tone-bad">{looked.trouble}</span> : looked.waits ? <span aria-busy="true">{lens === "next" ? "Planning" : "Adding up"}</span> : <Tally names={shownNames} lens={lens} next={looked.next} />}
            </div>
          </div>
        )}
        {chosenId === undefined && tells && !list && !column && failed.length > 0 && <FailedPanel failed={failed} place={place} now={now} close={() => setTells(false)} />}
        {chosenId !== undefined && document && <GraphPanel id={chosenId} place={place} show={() => chosen !== null && handle.current?.show(chosen)} />}
      </div>
    </div>
  );
}

const COUNTED = ["failed", "broken", "late", "at_risk", "running"] as const;

/** What of the shown assets needs a look, in one line. */
function Tally({ names, lens, next }: { names: string[]; lens: Lens; next: ReadonlyMap<string, string> | null }) {
  const known = useProject();
  if (lens === "next" && next) return <>{(["build", "maybe", "reuse"] as const).map((decision) => <State key={decision} state={decision} words={`${names.filter((name) => next.get(name) === decision).length} ${decision === "build" ? "would run" : shown(decision).label.toLowerCase()}`} />)}</>;
  const states = names.map((name) => {
    const state = stateOf(known.status.get(name));
    const promise = known.promises.get(name);
    return isBad(state) ? "failed" : promise && promise.state !== "ok" ? promised(promise) : state;
  });
  const found = COUNTED.map((state) => [state, states.filter((one) => one === state).length] as const).filter(([, size]) => size > 0);
  return found.length ? <>{found.map(([state, size]) => <State key={state} state={state} words={`${size} ${shown(state).label.toLowerCase()}`} />)}</> : <State state="succeeded" words="no failure here" />;
}

const Kinds = () => (
  <>
    {(["identity", "transformation", "aggregation", "indirect"] as const).map((kind) => (
      <span key={kind} className={`edge-kind ${kind}`}>{kind.charAt(0).toUpperCase() + kind.slice(1)}</span>
    ))}
  </>
);

function Toolbar({ place, total }: { place: Place; total: number | null }) {
  const known = useProject();
  const word = (name: string, otherwise: string) => place.query.get(name) ?? otherwise;
  const column = place.query.get("column");
  const focus = place.query.get("focus");
  return (
    <div className="toolbar">
      <Selector key={place.query.get("select") ?? ""} value={place.query.get("select") ?? ""} done={(select) => refine(place, { select, column: undefined, asset: undefined, focus: undefined }, false)} note={total === null ? "" : `${total} of ${known.project.assets}`} />
      {place.query.get("select") && (
        <Segments label="What a selection does" options={[["filter", "Filter"], ["highlight", "Highlight"]] as const} value={word("mode", "filter") as "filter" | "highlight"} choose={(mode) => refine(place, { mode: mode === "filter" ? undefined : mode })} />
      )}
      <label className="field group-by">
        <span className="muted">Group</span>
        <select aria-label="Group by" value={grouping(place, known.project.assets)} onChange={(event) => refine(place, { group: event.target.value, collapse: undefined })}>
          {GROUPS.map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      <Segments label="How to show it" options={[["picture", <Icon key="p" name="graph" />], ["list", <Icon key="l" name="list" />]] as const} value={word("as", window.innerWidth <= 760 ? "list" : "picture") as "picture" | "list"} choose={(as) => refine(place, { as })} />
      {place.query.get("select") && known.project.me.rights.includes("operate") && <a className="button icon" aria-label="Plan it" title="Plan it" href={to("launch", "", { select: place.query.get("select")! })}><Icon name="play" size={14} /></a>}
      {focus && <Focus place={place} focus={focus} />}
      <span className="grow" />
      {column ? (
        <>
          <Segments label="Which edges" options={EDGES} value={edged(place)} choose={(edges) => refine(place, { edges })} />
          <button type="button" className="button" onClick={() => refine(place, { column: undefined })}>Close all columns</button>
          <a className="button" href={to("column", column)}>Open column page</a>
        </>
      ) : (
        <div className="hide-phone lens">
          <span className="muted small">Lens</span>
          <Segments label="Lens" options={LENSES} value={word("lens", "state") as Lens} choose={(lens) => refine(place, { lens })} />
        </div>
      )}
    </div>
  );
}

function Focus({ place, focus }: { place: Place; focus: string }) {
  const step = (name: "up" | "down", by: number) => refine(place, { [name]: String(Math.max(0, Number(place.query.get(name) ?? 2) + by)) });
  const one = (name: "up" | "down") => (
    <span className="stepper">
      <button type="button" aria-label={`Fewer ${name}`} onClick={() => step(name, -1)}>−</button>
      <span>{place.query.get(name) ?? 2} {name}</span>
      <button type="button" aria-label={`More ${name}`} onClick={() => step(name, 1)}>+</button>
    </span>
  );
  return (
    <span className="field focus" title={`Around ${focus}`}>
      {one("up")}
      {one("down")}
      <button type="button" className="button small plain" aria-label="Leave the focus" onClick={() => refine(place, { focus: undefined, up: undefined, down: undefined, asset: focus })}><Icon name="close" size={12} /></button>
    </span>
  );
}
