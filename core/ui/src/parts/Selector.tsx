/** The field for a selection in the command line's grammar; names are completed from the project. */
import { useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { SearchDocument } from "../api/types";
import { Icon } from "./Icon";

const METHODS = ["tag:", "source:", "path:", "package:", "owner:", "kind:", "config.materialized:", "connection:", "exposure:", "column:"];

/** The word that is being typed, without the plus signs and numbers before it. */
export function lastTerm(text: string): { before: string; term: string } {
  const found = /^(.*[\s,]|)(@?\d*\+?|@?)([^\s,+]*)$/s.exec(text);
  return found ? { before: found[1]! + found[2]!, term: found[3]! } : { before: text, term: "" };
}

function useNames(term: string): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    if (!term || term.includes(":")) {
      setNames(METHODS.filter((one) => term && one.startsWith(term)));
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<SearchDocument>("search", { text: term, limit: 8 }, stop.signal).then(
        (found) => setNames([...METHODS.filter((one) => one.startsWith(term)), ...new Set(found.hits.filter((hit) => !hit.column).map((hit) => hit.name))]),
        () => undefined,
      );
    }, 120);
    return () => (clearTimeout(timer), stop.abort());
  }, [term]);
  return names;
}

export function Selector({ value, done, note, label = "Selection", empty = "Everything. Try +orders+ or tag:nightly" }: { value: string; done: (text: string) => void; note: string; label?: string; empty?: string }) {
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const { before, term } = lastTerm(text);
  const names = useNames(open ? term : "").filter((name) => name !== term);
  useEffect(() => setAt(-1), [term]);
  const take = (name: string) => (setText(before + name), field.current?.focus());
  const keyed = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, names.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, -1));
    else if (event.key === "Tab" && names.length && open && term) take(names[Math.max(0, at)]!);
    else if (event.key === "Enter") at >= 0 && names[at] ? take(names[at]) : (done(text.trim()), setOpen(false));
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <div className="selector">
      <label className="field">
        <Icon name="filter" size={14} />
        <input ref={field} className="mono" value={text} aria-label={label} placeholder={empty} spellCheck={false} autoComplete="off" role="combobox" aria-expanded={open && names.length > 0} aria-controls="names" onChange={(event) => (setText(event.target.value), setOpen(true))} onKeyDown={keyed} onBlur={() => (setOpen(false), text.trim() !== value && done(text.trim()))} />
        <span className="muted small">{note}</span>
      </label>
      {open && names.length > 0 && (
        <div className="popover" role="listbox" id="names" aria-label="Completion">
          {names.slice(0, 9).map((name, index) => (
            <div key={name} role="option" aria-selected={index === at} onMouseDown={(event) => (event.preventDefault(), take(name))}>
              <Icon name={name.endsWith(":") ? "filter" : "table"} size={14} />
              <span className="mono ellipsis">{name}</span>
            </div>
          ))}
          <div className="hints small muted"><kbd>+</kbd> before: above, after: below <kbd>,</kbd> and <kbd>Space</kbd> or <kbd>Tab</kbd> take</div>
        </div>
      )}
    </div>
  );
}
