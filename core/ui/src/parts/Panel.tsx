/** Frames of content: a panel, a command to copy, an empty state, a problem that the server told of. */
import { useState, type ReactNode } from "react";
import { Icon } from "./Icon";
import { ApiProblem } from "../api/client";

interface PanelProps {
  title?: ReactNode;
  note?: ReactNode;
  end?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ title, note, end, className = "", children }: PanelProps) {
  return (
    <section className={`panel ${className}`}>
      {title !== undefined && (
        <header>
          <h2>{title}</h2>
          {note !== undefined && <span className="muted small">{note}</span>}
          {end !== undefined && <div className="end">{end}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export function Command({ line }: { line: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard?.writeText(line).then(() => setCopied(true), () => setCopied(false));
  };
  return (
    <div className="command">
      <code>{line}</code>
      <button type="button" className="button small plain" onClick={copy} aria-label={`Copy: ${line}`}>
        <Icon name="copy" size={14} />
        {copied ? "Copied" : ""}
      </button>
    </div>
  );
}

export function Empty({ title, children, command }: { title: string; children?: ReactNode; command?: string }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
      {command !== undefined && <Command line={command} />}
    </div>
  );
}

export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const problem = error instanceof ApiProblem ? error : undefined;
  return (
    <div className="panel problem" role="alert">
      <div className="empty">
        <h2>{problem?.title ?? "The server does not answer"}</h2>
        <p>{problem ? problem.detail : error instanceof Error ? error.message : String(error)}</p>
        {problem?.hint && <p className="soft">{problem.hint}</p>}
        {again && (
          <p>
            <button type="button" className="button small" onClick={again}>
              <Icon name="retry" size={14} /> Ask again
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

export const Loading = () => <div className="empty muted" aria-busy="true">Loading</div>;

export function Segments<T extends string>({ label, options, value, choose }: { label: string; options: readonly (readonly [T, ReactNode])[]; value: T; choose: (one: T) => void }) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {options.map(([key, words]) => (
        <button key={key} type="button" aria-pressed={key === value} aria-label={typeof words === "string" ? undefined : key} onClick={() => choose(key)}>
          {words}
        </button>
      ))}
    </div>
  );
}

/** One of some words; none chosen is all of them. */
export const Choice = ({ label, value, options, none = `${label}: all`, choose }: { label: string; value: string; options: readonly (string | readonly [string, string])[]; none?: string; choose: (one: string) => void }) => (
  <label className="field">
    <select value={value} aria-label={label} onChange={(event) => choose(event.target.value)}>
      <option value="">{none}</option>
      {options.map((one) => (typeof one === "string" ? [one, one] as const : one)).map(([key, words]) => <option key={key} value={key}>{words}</option>)}
    </select>
  </label>
);
