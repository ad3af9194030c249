/** A real mail server on a port of this machine, which keeps what it is sent. */
import { afterAll } from "bun:test";
import { SMTPServer } from "smtp-server";
import { freePort } from "./databases.ts";

/** A mail as the server got it. */
export interface Mail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly raw: string;
}

/** A mail server that runs until the test file ends; it knows no mailbox that begins with `refused`. */
export async function mailServer(): Promise<{
  readonly mails: readonly Mail[];
  readonly url: string;
}> {
  const mails: Mail[] = [];
  const port = await freePort();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo(address, _session, done) {
      done(address.address.startsWith("refused") ? new Error("no such mailbox") : undefined);
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const sender = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        const recipients = envelope.rcptTo.map(({ address }) => address);
        mails.push({ sender, recipients, raw: Buffer.concat(chunks).toString() });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));
  return { mails, url: `smtp://127.0.0.1:${port}` };
}
