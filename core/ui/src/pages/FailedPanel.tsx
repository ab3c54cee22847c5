/** Beside the graph while nothing is chosen: what failed, by the numbers that the picture has from afar, the newest first. */
import type { AssetState } from "../api/types";
import { age, plural } from "../parts/format";
import { Icon } from "../parts/Icon";
import { isBad } from "../parts/states";
import { stateOf, useProject } from "../project";
import { refine, to, type Place } from "../route";

export const MOST = 40;

/** The failed of these assets, the newest first. */
export function failedOf(names: readonly string[], status: ReadonlyMap<string, AssetState>): AssetState[] {
  const found = names.flatMap((name) => status.get(name) ?? []).filter((one) => isBad(stateOf(one)));
  return found.sort((a, b) => (b.attempted_at ?? "").localeCompare(a.attempted_at ?? "")).slice(0, MOST);
}

export function FailedPanel({ failed, place, now, close }: { failed: AssetState[]; place: Place; now: number; close: () => void }) {
  const run = failed.find((one) => one.attempt_run)?.attempt_run;
  const same = failed.filter((one) => one.attempt_run === run).length;
  const may = useProject().project.me.rights.includes("operate");
  return (
    <aside className="side" aria-label="What failed">
      <header>
        <h2>{failed.length === MOST ? `${MOST} or more` : failed.length} failed</h2>
        <button type="button" className="button small plain" aria-label="Close" onClick={close}><Icon name="close" size={14} /></button>
      </header>
      <ol className="failed-list small">
        {failed.map((one, at) => (
          <li key={one.name}>
            <span className="badge" aria-hidden="true">{at + 1}</span>
            <button type="button" className="mono ellipsis" onClick={() => refine(place, { asset: one.name })}>{one.name}</button>
            <span className="muted">{age(one.attempted_at, now)}</span>
            <span className="soft clamp" title={one.message ?? ""}>{one.message}</span>
          </li>
        ))}
      </ol>
      {run && may && <div className="side-foot"><a className="button" href={to("launch", "", { retry: run })}><Icon name="retry" size={14} />Plan a retry of {plural(same, "asset")}</a></div>}
    </aside>
  );
}
