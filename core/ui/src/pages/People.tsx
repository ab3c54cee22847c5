/** Who may log in, tokens, and what was done: read here, tokens revoked here, users made on the command line. */
import { useState } from "react";
import { ApiProblem, post, useAsk } from "../api/client";
import type { AuditDocument, GrantDocument, TokensDocument, UsersDocument } from "../api/types";
import { useNow } from "../clock";
import { age, moment } from "../parts/format";
import { Empty, Loading, Panel } from "../parts/Panel";
import { useProject } from "../project";

export function People() {
  const { me } = useProject().project;
  const leave = () => void post("logout", {}).finally(() => window.location.reload());
  return (
    <div className="page">
      <div className="head"><h1>Users, tokens, audit</h1></div>
      <div className="stack">
        <Panel title="You" end={me.login !== "none" && <button type="button" className="button small" onClick={leave}>Log out</button>}>
          <dl className="pairs body"><dt>Name</dt><dd>{me.user}</dd><dt>Login</dt><dd>{me.login === "none" ? "none: whoever sits at this machine" : "a user of this server"}</dd><dt>Rights</dt><dd>{me.rights.join(", ") || "none"}</dd></dl>
        </Panel>
        {me.rights.includes("admin") && <Users />}
        <Tokens />
        <Audit />
      </div>
    </div>
  );
}

/** A right that holds everywhere is one word; the rest is said. */
const told = (grant: GrantDocument): string =>
  [grant.role, grant.environment && grant.environment !== "*" ? `in ${grant.environment}` : "", grant.select ? `of ${grant.select}` : "", grant.see_data ? "sees data" : ""].filter(Boolean).join(" ");

const Refused = ({ error }: { error: unknown }) => <div className="body muted">{error instanceof ApiProblem ? `${error.title}. ${error.detail} ${error.hint}` : String(error)}</div>;

function Users() {
  const now = useNow(60_000);
  const asked = useAsk<UsersDocument>("users");
  const users = asked.data?.users;
  return (
    <Panel title="Users" note={users ? String(users.length) : ""}>
      {asked.error ? <Refused error={asked.error} /> : !users ? <Loading /> : users.length === 0 ? <Empty title="Nobody can log in from elsewhere" command="penstock users add --help">Users have one of four roles, by environment and selection. The right to see data is given apart.</Empty> : (
        <div className="scroll"><table><thead><tr><th>User</th><th>Rights</th><th>Since</th></tr></thead>
          <tbody>{users.map((one) => <tr key={one.name}><td className="strong">{one.name}</td><td className="wrap">{one.grants.map(told).join("; ") || "none"}</td><td className="soft">{moment(one.created_at, now)}</td></tr>)}</tbody></table></div>
      )}
    </Panel>
  );
}

function Tokens() {
  const now = useNow(60_000);
  const asked = useAsk<TokensDocument>("tokens");
  const [refused, setRefused] = useState<unknown>(null);
  const tokens = asked.data?.tokens;
  const revoke = (id: string) => void post(`tokens/${encodeURIComponent(id)}/revoke`, {}).then(asked.again, setRefused);
  return (
    <Panel title="Tokens" note={tokens ? String(tokens.length) : ""}>
      {refused !== null && <Refused error={refused} />}
      {asked.error ? <Refused error={asked.error} /> : !tokens ? <Loading /> : tokens.length === 0 ? <Empty title="There is no token" command="penstock tokens --help">Programs use the API with a token. It has at most the rights of its user, and it ends.</Empty> : (
        <div className="scroll"><table><thead><tr><th>Token</th><th>User</th><th>For</th><th>Rights</th><th>Used</th><th>Ends</th><th /></tr></thead>
          <tbody>{tokens.map((one) => (
            <tr key={one.id}><td className="mono">{one.id}</td><td>{one.user}</td><td className="wrap">{one.about}</td><td className="wrap">{one.limits.map(told).join("; ")}</td><td className="soft">{one.used_at ? `${age(one.used_at, now)} ago` : "never"}</td><td className="soft">{moment(one.expires_at, now)}</td>
              <td className="number">{one.revoked_at ? <span className="muted">Revoked</span> : <button type="button" className="button small" onClick={() => revoke(one.id)}>Revoke</button>}</td></tr>
          ))}</tbody></table></div>
      )}
    </Panel>
  );
}

function Audit() {
  const now = useNow(60_000);
  const asked = useAsk<AuditDocument>("audit", { limit: 100 });
  const entries = asked.data?.entries;
  return (
    <Panel title="Audit" note="newest first">
      {asked.error ? <Refused error={asked.error} /> : !entries ? <Loading /> : entries.length === 0 ? <Empty title="Nothing was done yet">Each start, stop, change of rights and refused try is written down here.</Empty> : (
        <div className="scroll"><table><thead><tr><th>When</th><th>Who</th><th>Action</th><th>On</th><th>Outcome</th><th>From</th></tr></thead>
          <tbody>{entries.map((one) => <tr key={one.position}><td className="soft">{moment(one.at, now)}</td><td>{one.who}{one.token && <span className="muted"> by token</span>}</td><td className="mono">{one.action}</td><td className="wrap mono">{one.target}</td><td>{one.outcome}</td><td className="soft">{one.peer}</td></tr>)}</tbody></table></div>
      )}
    </Panel>
  );
}
