/** The field for a selection in the command line's grammar; names are completed from the project. */
import { useEffect, useRef, useState } from "react";
import { get } from "../api/client";
import type { Completion, CompletionsDocument } from "../api/types";
import { count } from "./format";
import { Icon } from "./Icon";

/** The word that is being typed, without the plus signs and numbers before it. */
export function lastTerm(text: string): { before: string; term: string } {
  const found = /^(.*[\s,]|)(@?\d*\+?|@?)([^\s,+]*)$/s.exec(text);
  return found ? { before: found[1]! + found[2]!, term: found[3]! } : { before: text, term: "" };
}

function useWords(term: string | null): Completion[] {
  const [words, setWords] = useState<Completion[]>([]);
  useEffect(() => {
    if (term === null) return setWords([]);
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<CompletionsDocument>("completions", { text: term, limit: 9 }, stop.signal).then((found) => setWords(found.words), () => undefined);
    }, 100);
    return () => (clearTimeout(timer), stop.abort());
  }, [term]);
  return words;
}

export function Selector({ value, done, note, label = "Selection", empty = "Everything. Try +orders+ or tag:nightly" }: { value: string; done: (text: string) => void; note: string; label?: string; empty?: string }) {
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const { before, term } = lastTerm(text);
  const words = useWords(open ? term : null).filter((one) => one.word !== term);
  useEffect(() => setAt(-1), [term]);
  const take = (word: string) => (setText(before + word), field.current?.focus());
  const keyed = (event: React.KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, words.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, -1));
    else if (event.key === "Tab" && words.length && open && term) take(words[Math.max(0, at)]!.word);
    else if (event.key === "Enter") at >= 0 && words[at] ? take(words[at].word) : (done(text.trim()), setOpen(false));
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
  };
  return (
    <div className="selector">
      <label className="field">
        <Icon name="filter" size={14} />
        <input ref={field} className="mono" value={text} aria-label={label} placeholder={empty} spellCheck={false} autoComplete="off" role="combobox" aria-expanded={open && words.length > 0} aria-controls="words" onClick={() => setOpen(true)} onChange={(event) => (setText(event.target.value), setOpen(true))} onKeyDown={keyed} onBlur={() => (setOpen(false), text.trim() !== value && done(text.trim()))} />
        <span className="muted small">{note}</span>
      </label>
      {open && words.length > 0 && (
        <div className="popover" role="listbox" id="words" aria-label="Completion">
          {words.map(({ word, about, count: of }, index) => (
            <div key={word} role="option" aria-selected={index === at} onMouseDown={(event) => (event.preventDefault(), take(word))}>
              <Icon name={word.includes(":") ? "filter" : "table"} size={14} />
              <span className="mono ellipsis">{word}</span>
              <span className="muted small nowrap end">{of !== null ? `${count(of)} ${of === 1 ? "asset" : "assets"}` : about}</span>
            </div>
          ))}
          <div className="hints small muted"><kbd>+</kbd> before: above, after: below <kbd>,</kbd> and <kbd>Space</kbd> or <kbd>Tab</kbd> take</div>
        </div>
      )}
    </div>
  );
}
