/** What every page knows: the project and the person, and how each asset was made last. */
import { createContext, useContext } from "react";
import type { Asked } from "./api/client";
import type { AssetState, ProjectDocument, RunRecord } from "./api/types";

export interface Known {
  project: ProjectDocument;
  status: Map<string, AssetState>;
  statusAsked: Asked<unknown>;
  live: RunRecord[];
}

export const ProjectContext = createContext<Known | null>(null);

export function useProject(): Known {
  const known = useContext(ProjectContext);
  if (!known) throw new Error("a page was drawn outside of the project");
  return known;
}

/** What counts as the asset's state: its last try where that failed, else how it was made. */
export function stateOf(state: AssetState | undefined): string {
  const never = state?.kind === "stream" || state?.kind === "exposure" ? state.kind : "never"; // these are never made
  return state?.last_attempt ?? state?.outcome ?? never;
}
