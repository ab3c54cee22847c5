/** The field that finds assets and columns from anywhere: "/" goes to it, arrows and Enter choose. */
import { useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { SearchDocument, SearchHit } from "../api/types";
import { go, to } from "../route";
import { Icon, kindIcon } from "./Icon";

export const placeOf = (hit: SearchHit): string =>
  hit.column ? to("column", `${hit.name}.${hit.column}`) : to("asset", hit.name);

function useHits(text: string): SearchHit[] {
  const [hits, setHits] = useState<SearchHit[]>([]);
  useEffect(() => {
    if (!text.trim()) {
      setHits([]);
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<SearchDocument>("search", { text, limit: 12 }, stop.signal).then(
        (found) => setHits(found.hits),
        () => stop.signal.aborted || setHits([]),
      );
    }, 120);
    return () => (clearTimeout(timer), stop.abort());
  }, [text]);
  return hits;
}

export function Search() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const hits = useHits(text);
  useEffect(() => setAt(0), [hits]);
  useEffect(() => {
    const slash = (event: KeyboardEvent) => {
      const inField = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "/" && !inField) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    window.addEventListener("keydown", slash);
    return () => window.removeEventListener("keydown", slash);
  }, []);
  const choose = (hit: SearchHit | undefined) => {
    if (!hit) return;
    go(placeOf(hit));
    setText("");
    field.current?.blur();
  };
  const keyed = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") choose(hits[at]);
    else if (event.key === "Escape") setText("");
    else return;
    event.preventDefault();
  };
  const shown = open && hits.length > 0;
  return (
    <div className="search">
      <label className="field sunken">
        <Icon name="search" size={14} />
        <input
          ref={field}
          value={text}
          placeholder="Search assets, columns"
          aria-label="Search assets and columns"
          role="combobox"
          aria-expanded={shown}
          aria-controls="hits"
          aria-activedescendant={shown ? `hit-${at}` : undefined}
          onChange={(event) => setText(event.target.value)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={keyed}
        />
        <kbd className="only-wide">/</kbd>
      </label>
      {shown && (
        <div className="popover" role="listbox" id="hits" aria-label="Found">
          {hits.map((hit, index) => (
            <div key={`${hit.name} ${hit.column ?? ""}`} id={`hit-${index}`} role="option" aria-selected={index === at} onMouseDown={(event) => (event.preventDefault(), choose(hit))}>
              <Icon name={hit.column ? "list" : kindIcon(hit.kind, "")} size={14} />
              <span className="mono ellipsis">{hit.column ? `${hit.name}.${hit.column}` : hit.name}</span>
              <span className="muted small" style={{ marginLeft: "auto" }}>{hit.column ? "column" : hit.kind}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
