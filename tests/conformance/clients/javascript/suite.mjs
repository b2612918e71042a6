// The cases for JavaScript: how answers are read and compared. The plan, the bodies of requests and the expected answers are
// the same for every client: tests/conformance/src/inputs.rs says what is in them.

const MAGIC = 0xced7230a;

export function bodyOf(request) {
  if (request.body_hex !== undefined) return Buffer.from(request.body_hex, "hex");
  const [text, times] = request.body_repeat ?? [request.body ?? "", 1];
  return Buffer.from(text.repeat(times));
}

export function attributesOf(request) {
  const [text, times] = request.custom_attributes_repeat ?? [request.custom_attributes, 1];
  return text?.repeat(times);
}

// Bodies of answers.

/** The members of a protobuf message whose members are all length-delimited. */
function* members(message) {
  let at = 0;
  const number = () => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message[at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const [key, length] = [number(), number()];
    assert((key & 7) === 2 && at + length <= message.length, "a damaged record");
    yield [key >> 3, message.subarray(at, (at += length))];
  }
}

/**
 * The members of Value that may hold each number of an answer: float32 (2) and float64 (3). Labels are in the type of the
 * request's features.
 */
const TENSORS = { predicted_label: [2, 3], distances: [2], labels: [2, 3] };

function prediction(payload) {
  const row = {};
  for (const [number, entry] of members(payload)) {
    assert(number === 2, "a record of an answer has features");
    const parts = Object.fromEntries(members(entry));
    const value = [...members(parts[2])];
    const name = parts[1].toString();
    assert(value.length === 1 && TENSORS[name].includes(value[0][0]), `${name} is the member ${value[0]?.[0]} of Value`);
    const [tensor, bytes] = value[0];
    const numbers = Object.fromEntries(members(bytes))[1];
    const values =
      tensor === 3
        ? Array.from({ length: numbers.length / 8 }, (_, i) => numbers.readDoubleLE(i * 8))
        : Array.from({ length: numbers.length / 4 }, (_, i) => numbers.readFloatLE(i * 4));
    row[name] = name === "predicted_label" ? values[0] : values;
  }
  return row;
}

/** The rows of an answer: predicted_label, and for verbose ones distances and labels. */
export function decode(contentType, body) {
  switch (contentType) {
    case "application/json":
      return JSON.parse(body).predictions;
    case "application/jsonlines":
      return body.toString().replace(/\n$/, "").split("\n").map(JSON.parse);
    case "application/x-recordio-protobuf": {
      const rows = [];
      for (let at = 0; at < body.length; ) {
        assert(body.readUInt32LE(at) === MAGIC, "a frame begins with another number");
        const length = body.readUInt32LE(at + 4);
        rows.push(prediction(body.subarray(at + 8, at + 8 + length)));
        at += 8 + length + (-length & 3);
      }
      return rows;
    }
    default:
      throw new Error(`the answer's content type is ${contentType}`);
  }
}

// Comparisons.

export function assert(holds, message) {
  if (!holds) throw new Error(message);
}

export const isVerbose = (accept) => accept?.includes("verbose=true") ?? false;

/** Whether the labels are those expected, as far as no tie decides; verbose ones with k ordered neighbours each. */
export function compare(found, expected, verbose) {
  assert(found.length === expected.length, `${found.length} predictions for ${expected.length} rows`);
  found.forEach((row, i) => {
    const { predicted, distances } = expected[i];
    assert(
      predicted === null || row.predicted_label === predicted,
      `row ${i}: the label is ${row.predicted_label}, not ${predicted}`,
    );
    assert(Object.keys(row).length === (verbose ? 3 : 1), `row ${i}: the members are ${Object.keys(row)}`);
    if (verbose) {
      const { length } = distances;
      assert(row.distances.length === length && row.labels.length === length, `row ${i}: not ${length} neighbours`);
      assert(
        row.distances.every((distance, j) => j === 0 || row.distances[j - 1] <= distance),
        `row ${i}: not nearest first`,
      );
    }
  });
}

export function compareDistances(found, expected) {
  found.forEach(({ distances }, i) => {
    const wanted = expected[i].distances;
    assert(
      distances.every((distance, j) => distance === wanted[j]),
      `row ${i}: distances ${distances}, not ${wanted}`,
    );
  });
}
