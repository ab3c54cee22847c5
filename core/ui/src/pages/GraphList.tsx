/** The graph as a list by groups: for phones, screen readers, and who likes lists. */
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

export function GraphList({ graph, closed, toggle, status, chosen, choose, now }: Props) {
  const groups = new Map<string, Node[]>();
  for (const node of [...graph.nodes].sort((a, b) => a.x - b.x || a.y - b.y)) {
    const name = node.group || "no group";
    groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return (
    <div className="graph-list">
      {[...groups].map(([name, nodes]) => <Group key={name} name={name} open={name === "no group" || (closed !== "*" && !closed.has(name))} toggle={() => toggle(name)} nodes={nodes} status={status} chosen={chosen} choose={choose} now={now} />)}
    </div>
  );
}

function Group({ name, open, toggle, nodes, status, chosen, choose, now }: Omit<Props, "graph" | "closed" | "toggle"> & { name: string; open: boolean; toggle: () => void; nodes: Node[] }) {
  const failed = nodes.filter((node) => isBad(stateOf(status.get(node.id)))).length;
  return (
    <section>
      <button type="button" className="group-head" aria-expanded={open} onClick={toggle}>
        <Icon name={open ? "down" : "right"} size={12} />
        <span className="strong">{name}</span>
        <span className="muted">{nodes.length}</span>
        {failed > 0 && <span className="end"><State state="failed" words={`${failed} failed`} /></span>}
      </button>
      {open && (
        <ul className="rows">
          {nodes.map((node) => {
            const state = status.get(node.id);
            return (
              <li key={node.id} className={node.id === chosen ? "chosen" : ""}>
                <Icon name={kindIcon(node.kind, node.type)} />
                <a href={to("asset", node.id)} className="ink ellipsis" onClick={(event) => window.innerWidth > 760 && (event.preventDefault(), choose(node.id))}>{node.label}</a>
                <span className="end state"><State state={node.kind === "group" ? "pending" : stateOf(state)} /> <span className="muted small">{age(state?.made_at, now)}</span></span>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
