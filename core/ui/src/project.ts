/** What every page knows: the project and the person, how each asset was made last, what was promised, and what is wrong. */
import { createContext, useContext } from "react";
import type { Asked } from "./api/client";
import type { AssetState, AutomationDocument, IncidentDocument, ProjectDocument, PromiseDocument, RunRecord } from "./api/types";

export interface Known {
  project: ProjectDocument;
  status: Map<string, AssetState>;
  statusAsked: Asked<unknown>;
  live: RunRecord[];
  promises: Map<string, PromiseDocument>;
  promisesAsked: Asked<unknown>;
  incidents: IncidentDocument[]; // that are open
  incidentsAsked: Asked<unknown>;
  automation: Asked<AutomationDocument>;
}

export const ProjectContext = createContext<Known | null>(null);

export function useProject(): Known {
  const known = useContext(ProjectContext);
  if (!known) throw new Error("a page was drawn outside of the project");
  return known;
}

/** How a promise stands, in the words of the pages. */
const PROMISED: Record<string, string> = { ok: "fresh", "at risk": "at_risk", warn: "late", fail: "broken", unknown: "unknown" };
export const promised = (promise: PromiseDocument): string => PROMISED[promise.state] ?? promise.state;

/** What counts as the asset's state: its last try where that failed, else how it was made. */
export function stateOf(state: AssetState | undefined): string {
  const never = state?.kind === "stream" || state?.kind === "exposure" ? state.kind : "never"; // these are never made
  return state?.last_attempt ?? state?.outcome ?? never;
}
