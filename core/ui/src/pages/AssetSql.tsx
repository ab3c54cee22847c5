/** The compiled SQL of an asset: what makes the chosen column is marked, what decides rows is underlined. */
import type { Asked } from "../api/client";
import { ApiProblem, useAsk } from "../api/client";
import type { Mark, SqlDocument } from "../api/types";
import { Command, Loading, Panel } from "../parts/Panel";
import { quoted } from "../parts/format";
import { to } from "../route";

export interface Piece {
  text: string;
  kinds: readonly string[]; // of the marks that hold over it
}

/** The text cut where a mark begins or ends. Offsets count characters of Python: a pair of surrogates is one. */
export function pieces(sql: string, marks: readonly Mark[]): Piece[] {
  const letters = Array.from(sql);
  const cuts = [...new Set([0, letters.length, ...marks.flatMap((mark) => [mark.start, mark.end])])].filter((at) => at >= 0 && at <= letters.length).sort((a, b) => a - b);
  return cuts.slice(1).map((end, at) => ({
    text: letters.slice(cuts[at], end).join(""),
    kinds: [...new Set(marks.filter((mark) => mark.start <= cuts[at]! && mark.end >= end).map((mark) => mark.kind))],
  }));
}

/** The pieces by line. */
export function lines(found: readonly Piece[]): Piece[][] {
  const out: Piece[][] = [[]];
  for (const piece of found) {
    piece.text.split("\n").forEach((text, at) => {
      if (at > 0) out.push([]);
      if (text) out.at(-1)!.push({ ...piece, text });
    });
  }
  return out;
}

/** What of the marks concerns one column: its own, and what decides rows. Without a column nothing is marked. */
export function concerning(marks: readonly Mark[], column: string | null): Mark[] {
  if (column === null) return [];
  const low = column.toLowerCase();
  return marks.filter((mark) => (mark.column === null ? mark.kind === "indirect" : mark.column.toLowerCase() === low));
}

export function Sql({ asked, column }: { asked: Asked<SqlDocument>; column: string | null }) {
  const told = asked.data;
  const refused = asked.error instanceof ApiProblem && asked.error.status === 403;
  const marks = told ? concerning(told.marks, column) : [];
  return (
    <Panel title="SQL" note={<span className="mono ellipsis" title={told?.path ?? ""}>{told?.path?.split("/").at(-1)}</span>} end={column && told?.sql ? <span className="small muted nowrap">{marks.length ? `${column} is marked` : "not followed"}</span> : undefined}>
      {refused ? <div className="body muted">SQL needs the right see_data.</div> : asked.error ? <div className="body muted">{String(asked.error)}</div> : !told ? <Loading /> : told.sql === null ? (
        <div className="body stack"><span className="muted">{told.missing}</span>{told.missing?.includes("compiled") && <Command line={`penstock lineage ${quoted(told.name)}`} />}</div>
      ) : (
        <div className="code" role="region" aria-label="Compiled SQL" tabIndex={0}>
          {lines(pieces(told.sql, marks)).map((line, at) => (
            <div key={at} className={line.some((piece) => piece.kinds.some((kind) => kind !== "indirect")) ? "line hot" : "line"}>
              <span className="no" aria-hidden="true">{at + 1}</span>
              <code>{line.map((piece, nth) => (piece.kinds.length ? <mark key={nth} className={piece.kinds.join(" ")}>{piece.text}</mark> : piece.text))}{line.length === 0 && " "}</code>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

/** The line of the SQL that a database means: the one with the column that it does not know, or the one whose text it gives (its number counts
 * what the tool wrote around the SQL). -1: none, or several. */
export function failing(sql: readonly string[], said: string): number {
  const only = (fits: (line: string) => boolean | undefined) => {
    const found = sql.flatMap((line, at) => (fits(line) ? [at] : []));
    return found.length === 1 ? found[0]! : -1;
  };
  const name = /(?:column|identifier|with name)(?: named)? ["'`]?(?:[\w"`]+\.)*["'`]?(\w+)(?:["'`]| does not exist)/i.exec(said)?.[1];
  const at = name ? only((line) => new RegExp(`\\b${name}\\b`, "i").test(line)) : -1;
  const words = /LINE \d+: *(?:\.{3})?(.+?)(?:\.{3})?$/m.exec(said)?.[1]?.trim();
  return at < 0 && words ? only((line) => line.includes(words)) : at;
}

/** The failing line with those around it; nothing where it is not known. */
export function Failing({ name, said }: { name: string; said: string }) {
  const told = useAsk<SqlDocument>("sql", { name }).data;
  const sql = told?.sql?.split("\n") ?? [];
  const at = failing(sql, said);
  const from = Math.max(0, at - 2);
  return at < 0 ? null : <div className="failing"><div className="small spread"><code className="soft ellipsis">{told?.path}</code><a className="nowrap" href={to("asset", name, { tab: "SQL" })}>Compiled SQL</a></div><div className="code" role="region" aria-label="Failing line" tabIndex={0}>{sql.slice(from, at + 3).map((line, nth) => <div key={nth} className={from + nth === at ? "line failed" : "line"}><span className="no">{from + nth + 1}</span><code>{line || " "}</code></div>)}</div></div>;
}
