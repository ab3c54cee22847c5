/** The graph as tables by groups, with what each asset reads and who reads it: for phones, screen readers, and who likes lists. */
import type { AssetState, GraphDocument, Node } from "../api/types";
import { age } from "../parts/format";
import { Icon, kindIcon } from "../parts/Icon";
import { State } from "../parts/State";
import { isBad } from "../parts/states";
import { stateOf } from "../project";
import { to } from "../route";

interface Props {
  graph: GraphDocument;
  closed: ReadonlySet<string> | "*";
  toggle: (group: string) => void;
  status: ReadonlyMap<string, AssetState>;
  chosen: string | undefined;
  choose: (id: string) => void;
  now: number;
}
interface Line {
  node: Node;
  reads: string[];
  readers: string[];
}

/** The nodes of each group in the order of the graph, each with its neighbours. */
export function grouped(graph: GraphDocument): Map<string, Line[]> {
  const lines: Line[] = graph.nodes.map((node) => ({ node, reads: [], readers: [] }));
  for (const [from, into] of graph.edges) {
    lines[into]?.reads.push(graph.nodes[from]!.id);
    lines[from]?.readers.push(graph.nodes[into]!.id);
  }
  const groups = new Map<string, Line[]>();
  for (const line of lines.sort((a, b) => a.node.x - b.node.x || a.node.y - b.node.y)) {
    const name = line.node.group || "no group";
    const of = groups.get(name);
    if (of) of.push(line);
    else groups.set(name, [line]);
  }
  return groups;
}

export function GraphList({ graph, closed, toggle, status, chosen, choose, now }: Props) {
  return (
    <div className="graph-list">
      {[...grouped(graph)].map(([name, lines]) => <Group key={name} name={name} open={name === "no group" || (closed !== "*" && !closed.has(name))} toggle={() => toggle(name)} lines={lines} status={status} chosen={chosen} choose={choose} now={now} />)}
    </div>
  );
}

function Group({ name, open, toggle, lines, status, chosen, choose, now }: Omit<Props, "graph" | "closed" | "toggle"> & { name: string; open: boolean; toggle: () => void; lines: Line[] }) {
  const failed = lines.filter(({ node }) => isBad(stateOf(status.get(node.id)))).length;
  return (
    <section aria-label={name}>
      <button type="button" className="group-head" aria-expanded={open} onClick={toggle}>
        <Icon name={open ? "down" : "right"} size={12} />
        <span className="strong" title={name}>{name.split("/").slice(-2).join("/")}</span>
        <span className="muted">{lines.length}</span>
        {failed > 0 && <span className="end"><State state="failed" words={`${failed} failed`} /></span>}
      </button>
      {open && (
        <table aria-label={`Assets of ${name}`}>
          <thead className="unseen"><tr><th scope="col">Asset</th><th scope="col" className="hide-phone">Reads</th><th scope="col" className="hide-phone">Read by</th><th scope="col">State</th></tr></thead>
          <tbody>
            {lines.map(({ node, reads, readers }) => {
              const state = status.get(node.id);
              return (
                <tr key={node.id} className={node.id === chosen ? "chosen" : ""} aria-current={node.id === chosen || undefined}>
                  <th scope="row"><span className="state"><Icon name={kindIcon(node.kind, node.type)} /><Asset id={node.id} label={node.label} choose={choose} /></span></th>
                  <td className="hide-phone soft small"><Names before="reads" names={reads} choose={choose} /></td>
                  <td className="hide-phone soft small"><Names before="read by" names={readers} choose={choose} /></td>
                  <td className="ends"><State state={node.kind === "group" ? "pending" : stateOf(state)} /> <span className="muted small">{age(state?.made_at, now)}</span></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** On a wide screen it opens beside the list, on a phone as a page of its own. */
const Asset = ({ id, label, choose }: { id: string; label: string; choose: (id: string) => void }) => (
  <a href={to("asset", id)} className="ink ellipsis" title={id} onClick={(event) => window.innerWidth > 760 && !event.metaKey && !event.ctrlKey && (event.preventDefault(), choose(id))}>{label}</a>
);

const SHOWN = 3;

function Names({ before, names, choose }: { before: string; names: string[]; choose: (id: string) => void }) {
  if (!names.length) return null;
  return (
    <span className="names">
      <span className="muted">{before} </span>
      {names.slice(0, SHOWN).map((name, at) => <span key={name}>{at > 0 && ", "}<Asset id={name} label={name} choose={choose} /></span>)}
      {names.length > SHOWN && <span className="muted" title={names.slice(SHOWN).join(", ")}> and {names.length - SHOWN} more</span>}
    </span>
  );
}
