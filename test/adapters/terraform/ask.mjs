// A credential_process of the tests: asks the broker on the socket that it is given, and fails with the broker's words.
import { createConnection } from "node:net";

let text = "";
createConnection(process.argv[2])
  .setEncoding("utf8")
  .on("data", (chunk) => {
    text += chunk;
  })
  .on("error", (error) => fail(error.message))
  .on("end", () => {
    const { error } = JSON.parse(text);
    if (error) fail(error);
    else process.stdout.write(text);
  });

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
