// The cases by the JavaScript SDK (version 3): node runner.mjs PLAN

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as sdk from "@aws-sdk/client-sagemaker-runtime";
import {
  assert,
  attributesOf,
  bodyOf,
  compare,
  compareDistances,
  decode,
  isVerbose,
} from "./suite.mjs";

const CLIENT = "JavaScript SDK";
const KNOWN_ROWS = 1000;

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const folder = dirname(process.argv[2]);
const answers = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
/** The first samples as a request's body, in one of the ways that the plan names. */
const bodyWith = (kind, nRows) => readFileSync(join(folder, "bodies", `${kind}-${nRows}`));
const client = new sdk.SageMakerRuntimeClient({ endpoint: plan.url, region: plan.region });
const { version } = JSON.parse(
  readFileSync(new URL("node_modules/@aws-sdk/client-sagemaker-runtime/package.json", import.meta.url), "utf8"),
);

const print = (line) => console.log(JSON.stringify({ client: CLIENT, ...line }));

/** Does what shows a case; whatever it throws is the reason why it does not pass. */
async function note(group, name, check) {
  try {
    await check();
    print({ group, case: name, verdict: "passed" });
  } catch (error) {
    print({ group, case: name, verdict: "failed", reason: `${error.name}: ${error.message}`.slice(0, 500) });
  }
}

async function invoke(request, body) {
  const answer = await client.send(
    new sdk.InvokeEndpointCommand({
      EndpointName: request.endpoint ?? plan.endpoint,
      Body: body,
      ContentType: request.content_type,
      Accept: request.accept,
      TargetVariant: request.target_variant,
      TargetModel: request.target_model,
      InferenceId: request.inference_id,
      CustomAttributes: attributesOf(request),
    }),
  );
  return {
    // The SDK gives null for an empty body.
    body: Buffer.from(answer.Body ?? []),
    content_type: answer.ContentType,
    variant: answer.InvokedProductionVariant,
    custom_attributes: answer.CustomAttributes,
    request_id: answer.$metadata.requestId,
  };
}

function checkAnswer(request, expect, answer) {
  assert(expect.error === undefined, `answered, instead of ${expect.error}: ${answer.body.subarray(0, 80)}`);
  assert(answer.request_id, "no request id");
  for (const what of ["content_type", "variant", "custom_attributes"]) {
    const right = expect[what] === undefined || answer[what] === expect[what];
    assert(right, `the ${what} is ${answer[what]}, not ${expect[what]}`);
  }
  const body = answer.body.subarray(0, 80);
  assert(expect.text === undefined || answer.body.toString() === expect.text, `the body is ${body}`);
  assert(expect.hex === undefined || answer.body.toString("hex") === expect.hex, `the body is ${body.toString("hex")}`);
  if (expect.samples !== undefined) {
    const verbose = expect.verbose ?? isVerbose(request.accept);
    compare(decode(answer.content_type, answer.body), expect.predictions, verbose);
  }
}

function checkError(expect, error) {
  if (expect.error === undefined) throw error;
  const found = `${error.name} (${error.$metadata?.httpStatusCode}): ${error.message}`;
  assert(error instanceof sdk.SageMakerRuntimeServiceException, found);
  // An error that the service model knows has a class of its own, and that is what a caller asks for.
  assert(sdk[expect.error] === undefined || error instanceof sdk[expect.error], found);
  assert(error.name === expect.error, `${found}, instead of ${expect.error}`);
  assert(expect.status === undefined || error.$metadata.httpStatusCode === expect.status, found);
  assert(error.$metadata.requestId, "no request id");
  const message = error.Message ?? error.message;
  assert(message.includes(expect.message ?? ""), `the message is ${message}`);
  if (expect.original_status !== undefined) {
    assert(error.OriginalStatusCode === expect.original_status, `OriginalStatusCode is ${error.OriginalStatusCode}`);
    assert(error.OriginalMessage, "OriginalMessage says nothing");
    assert(error.LogStreamArn, "LogStreamArn says nothing");
  }
}

async function single({ request, expect }) {
  let answer;
  try {
    answer = await invoke(request, bodyOf(request));
  } catch (error) {
    checkError(expect, error);
    return;
  }
  checkAnswer(request, expect, answer);
}

/** Every request format times every answer format, for as many rows. */
async function matrix(nRows) {
  const expected = answers.slice(0, nRows);
  const group = `Formats, ${nRows === 1 ? "1 row" : `${nRows.toLocaleString("en-US")} rows`} at once`;
  // What all further answers must equal, ties included: the first plain one and the first verbose one.
  const first = {};
  // Answers of equal bytes and type are read once: that takes longer than asking for them.
  const read = [];
  for (const format of plan.matrix.requests) {
    const body = bodyWith(format.body, nRows);
    for (const accept of plan.matrix.accepts) {
      await note(group, `${format.name} to ${accept}`, async () => {
        const answer = await invoke({ content_type: format.content_type, accept }, body);
        assert(answer.content_type === accept.split(";")[0], `the answer's content type is ${answer.content_type}`);
        const known = read.find((one) => one.type === answer.content_type && one.body.equals(answer.body));
        const found = known?.rows ?? decode(answer.content_type, answer.body);
        if (!known) read.push({ type: answer.content_type, body: answer.body, rows: found });
        compare(found, expected, isVerbose(accept));
        const same = (first[isVerbose(accept)] ??= found);
        const differ = found === same ? -1 : found.findIndex((row, i) => String(Object.values(row)) !== String(Object.values(same[i])));
        assert(differ < 0, `row ${differ}: not as in the other formats`);
      });
    }
  }
  if (first.true && first.false) {
    await note(group, "verbose or not, the same labels", () => {
      const differ = first.true.findIndex((row, i) => row.predicted_label !== first.false[i].predicted_label);
      assert(differ < 0, `row ${differ}: the labels differ`);
    });
  }
}

async function knownAnswers() {
  const expected = answers.slice(0, KNOWN_ROWS);
  const ask = async () => {
    const answer = await invoke(
      { content_type: "text/csv", accept: "application/json; verbose=true" },
      bodyWith("csv", KNOWN_ROWS),
    );
    return decode(answer.content_type, answer.body);
  };
  const group = "Known answers";
  await note(group, "the labels that most neighbours have", async () => compare(await ask(), expected, true));
  await note(group, "squared Euclidean distances", async () => compareDistances(await ask(), expected));
}

print({ version: `@aws-sdk/client-sagemaker-runtime ${version}` });
for (const nRows of plan.matrix.rows) await matrix(nRows);
await knownAnswers();
for (const one of plan.cases) await note(one.group, one.name, () => single(one));
