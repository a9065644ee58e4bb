/** PostgreSQL's programs for the tests of the hosted store: Debian's, when there are none and they may be installed. */
import { spawnSync } from "node:child_process";
import { aptInstall } from "./apt.mjs";
import { postgresPrograms } from "./postgres.mjs";

if (!postgresPrograms()) {
  aptInstall("postgresql", "for the tests of the hosted store");
  // Debian starts a server of its own; the tests don't use it.
  if (spawnSync("/bin/sh", ["-c", "command -v pg_ctlcluster"]).status === 0)
    spawnSync("/bin/sh", ["-c", "pg_lsclusters -h | while read -r v c _; do pg_ctlcluster $v $c stop; done"]);
  // Not fatal: the other tests can still say what they found.
  if (!postgresPrograms()) console.error("There is no PostgreSQL for the tests of the hosted store. Install it: apt-get install postgresql");
}
