/** Who is logged in and what they may; users and tokens are managed from the command line. */
import { Command, Empty, Panel } from "../parts/Panel";
import { useProject } from "../project";

export function People() {
  const { me } = useProject().project;
  return (
    <div className="page">
      <div className="head"><h1>Users, tokens, audit</h1></div>
      <div className="stack">
        <Panel title="You"><dl className="pairs body"><dt>Name</dt><dd>{me.user}</dd><dt>Login</dt><dd>{me.login === "none" ? "none: whoever sits at this machine" : "a user of this server"}</dd><dt>Rights</dt><dd>{me.rights.join(", ") || "none"}</dd></dl></Panel>
        <Panel title="Users and tokens">
          <Empty title="They are made on the command line">Roles hold by environment and selection; the right to see data is given apart.<Command line="penstock users" /><Command line="penstock tokens" /></Empty>
        </Panel>
      </div>
    </div>
  );
}
