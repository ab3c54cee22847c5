/** Beside the graph: the chosen asset, why it is as it is, and what can be done. */
import { useAsk } from "../api/client";
import type { AssetDocument } from "../api/types";
import { useNow } from "../clock";
import { age, count, duration, quoted } from "../parts/format";
import { Icon } from "../parts/Icon";
import { Command, Trouble } from "../parts/Panel";
import { State, StateIcon } from "../parts/State";
import { checked } from "../parts/states";
import { stateOf, useProject } from "../project";
import { refine, to, type Place } from "../route";

export function GraphPanel({ id, place, show }: { id: string; place: Place; show: () => void }) {
  const known = useProject();
  const now = useNow(30_000);
  const asset = useAsk<AssetDocument>("asset", { name: id });
  const state = known.status.get(id);
  const told = asset.data;
  return (
    <aside className="side" aria-label={`About ${id}`}>
      <header>
        <h2 className="ellipsis">{id}</h2>
        <button type="button" className="button small plain" aria-label="Close" onClick={() => refine(place, { asset: undefined, column: undefined, focus: undefined })}><Icon name="close" size={14} /></button>
      </header>
      {asset.error !== undefined && <Trouble error={asset.error} />}
      <div className="side-part">
        <p className="muted small">{[told?.materialized ?? told?.resource_type, told?.made_by && `${told.made_by.integration}/${told.made_by.instance}`].filter(Boolean).join(" · ")}</p>
        <p><State state={stateOf(state)} pill /> <span className="muted small">{state?.made_at ? `made ${age(state.made_at, now)} ago` : ""}</span></p>
        {state?.message && <p className="small">{state.message}</p>}
      </div>
      {told && told.upstream.length > 0 && (
        <div className="side-part">
          <p className="muted small">Reads</p>
          <ul className="small chain">
            {told.upstream.slice(0, 8).map((name) => (
              <li key={name}>
                <StateIcon state={stateOf(known.status.get(name))} size={12} />
                <a className="mono ellipsis ink" href={to("graph", "", { ...Object.fromEntries(place.query), asset: name })}>{name}</a>
                <span className="muted">{age(known.status.get(name)?.made_at, now)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {told && told.columns.length > 0 && (
        <div className="side-part">
          <p className="muted small">Columns: choose one to follow it here</p>
          <ul className="small chain">
            {told.columns.slice(0, 12).map((column) => (
              <li key={column.name}><a className="mono ellipsis" href={to("graph", "", { column: `${id}.${column.name}`, asset: id })}>{column.name}</a><span className="muted">{column.type?.toLowerCase()}</span></li>
            ))}
          </ul>
          {told.columns.length > 12 && <a className="small" href={to("asset", id)}>{told.columns.length - 12} more</a>}
        </div>
      )}
      <dl className="pairs side-part small">
        <dt>Owner</dt><dd>{told?.owner ?? "nobody is named"}</dd>
        <dt>Took</dt><dd>{duration(state?.seconds) || "not timed"}</dd>
        <dt>Rows</dt><dd>{state?.rows != null ? count(state.rows) : "not counted"}</dd>
        <dt>Checks</dt><dd>{state?.checks.length ? `${state.checks.filter((one) => checked(one.outcome) === "pass").length} of ${state.checks.length} passed` : "none has run"}</dd>
      </dl>
      <div className="side-foot">
        <div className="two">
          <a className="button" href={to("graph", "", { focus: id, up: "2", down: "2" })} onClick={show}>Focus</a>
          <a className="button" href={to("asset", id)}>Open asset</a>
        </div>
        {known.project.me.rights.includes("operate") && <a className="button" href={to("launch", "", { select: id })}><Icon name="play" size={14} />Plan a build</a>}
        <Command line={`penstock build -s ${quoted(`+${id}`)}`} />
      </div>
    </aside>
  );
}
