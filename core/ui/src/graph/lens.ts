/** What each box says under a lens: state, age, owner, tool, how long it took. Pure. */
import type { AssetState, GraphDocument, Node } from "../api/types";
import { age, duration } from "../parts/format";
import { shown, type Shown } from "../parts/states";
import { stateOf } from "../project";
import { toolColour, type Colours } from "./colours";
import type { Mark } from "./draw";

export const LENSES = [["state", "State"], ["freshness", "Freshness"], ["duration", "Duration"], ["owner", "Owner"], ["tool", "Tool"]] as const;
export type Lens = (typeof LENSES)[number][0];

const plain = (label: string): Shown => ({ label, tone: "idle", sign: "dashed" });

function said(node: Node, lens: Lens, state: AssetState | undefined, now: number): { state: Shown; note: string } {
  const last = shown(stateOf(state));
  const old = age(state?.made_at, now);
  if (lens === "freshness") return { state: state?.made_at ? { ...last, label: `${old} old` } : plain("Not built yet"), note: "" };
  if (lens === "duration") return { state: state?.seconds != null ? { ...last, label: duration(state.seconds) } : plain("Not timed"), note: old };
  if (lens === "owner") return { state: node.owner ? { ...last, label: node.owner } : plain("No owner"), note: "" };
  if (lens === "tool") return { state: node.tool ? { ...last, label: node.tool } : plain("No tool"), note: "" };
  return { state: last, note: old };
}

export function lensed(graph: GraphDocument, lens: Lens, status: ReadonlyMap<string, AssetState>, of: Colours, now: number): Mark[] {
  return graph.nodes.map((node) => {
    const { state, note } = said(node, lens, status.get(node.id), now);
    const group = node.kind === "group";
    return { label: group ? node.label.split("/").slice(-2).join("/") : node.label, group, size: node.size ?? 1, tool: toolColour(of, node.tool ?? "", node.kind), state: group ? plain("") : state, note: group ? "" : note };
  });
}
