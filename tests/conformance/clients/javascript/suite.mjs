// The cases for JavaScript: bodies, answers, what must come back. Shares nothing with the other runners but the plan
// (tests/conformance/src/suite.rs says what is in it).

const MAGIC = 0xced7230a;

export function samplesOf({ moduli, divisor }, nRows) {
  return Array.from({ length: nRows }, (_, row) => moduli.map((modulus) => (row % modulus) / divisor));
}

/** What brute force finds: a label (undefined if a tie decides) and the squared distances, nearest first. */
export function expectedOf({ rows, k }, samples) {
  return samples.map((sample) => {
    const all = rows.map((row) => ({
      distance: sample.reduce((sum, value, j) => sum + (value - row[j]) ** 2, 0),
      label: row.at(-1),
    }));
    all.sort((a, b) => a.distance - b.distance || a.label - b.label);
    const votes = new Map();
    for (const { label } of all.slice(0, k)) votes.set(label, (votes.get(label) ?? 0) + 1);
    const most = Math.max(...votes.values());
    const winners = [...votes.keys()].filter((label) => votes.get(label) === most);
    const tied = winners.length > 1 || all[k - 1].distance === all[k]?.distance;
    return { predicted: tied ? undefined : winners[0], distances: all.slice(0, k).map((row) => row.distance) };
  });
}

// Bodies of requests.

const features = (sample) => ({ features: sample });
const data = (sample) => ({ data: { features: { values: sample } } });
const sparse = (sample) => ({ data: { features: { ...nonzero(sample), shape: [sample.length] } } });

/** The places of what is not zero; all zeros have the first place, for a tensor without keys is not sparse. */
function nonzero(sample) {
  const found = [...sample.keys()].filter((key) => sample[key] !== 0);
  const keys = found.length > 0 ? found : [0];
  return { keys, values: keys.map((key) => sample[key]) };
}

function varint(number) {
  const digits = [];
  for (; number > 0x7f; number >>>= 7) digits.push((number & 0x7f) | 0x80);
  return Buffer.from([...digits, number]);
}

const member = (number, payload) => Buffer.concat([varint((number << 3) | 2), varint(payload.length), payload]);

function tensor(numbers, Type, littleEndian) {
  const bytes = Buffer.alloc(numbers.length * Type.BYTES_PER_ELEMENT);
  numbers.forEach((number, i) => bytes[littleEndian](number, i * Type.BYTES_PER_ELEMENT));
  return member(1, bytes);
}

const float32 = (numbers) => tensor(numbers, Float32Array, "writeFloatLE");
const float64 = (numbers) => tensor(numbers, Float64Array, "writeDoubleLE");

function sparseTensor(sample) {
  const { keys, values } = nonzero(sample);
  return Buffer.concat([float32(values), member(2, Buffer.concat(keys.map(varint))), member(3, varint(sample.length))]);
}

function records(samples, field, tensorOf) {
  const frames = samples.map((sample) => {
    const value = member(field, tensorOf(sample));
    const payload = member(1, Buffer.concat([member(1, Buffer.from("values")), member(2, value)]));
    const head = Buffer.alloc(8);
    head.writeUInt32LE(MAGIC, 0);
    head.writeUInt32LE(payload.length, 4);
    return Buffer.concat([head, payload, Buffer.alloc(-payload.length & 3)]);
  });
  return Buffer.concat(frames);
}

export function encode(kind, samples) {
  const lines = (line) => Buffer.from(samples.map(line).join("\n"));
  const instances = (...shapes) =>
    Buffer.from(JSON.stringify({ instances: samples.map((sample, i) => shapes[i % shapes.length](sample)) }));
  const kinds = {
    csv: () => lines((sample) => sample.join(",")),
    csv_labelled: () => lines((sample) => [11, ...sample].join(",")),
    json_features: () => instances(features),
    json_data: () => instances(data),
    json_mixed: () => instances(features, data, sparse),
    jsonlines_features: () => lines((sample) => JSON.stringify(features(sample))),
    jsonlines_sparse: () => lines((sample) => JSON.stringify(sparse(sample))),
    recordio_float32: () => records(samples, 2, float32),
    recordio_float64: () => records(samples, 3, float64),
    recordio_sparse: () => records(samples, 2, sparseTensor),
  };
  return kinds[kind]();
}

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

/** The member of Value that holds each number of an answer: labels are float64 (3), distances are float32 (2). */
const TENSORS = { predicted_label: 3, distances: 2, labels: 3 };

function prediction(payload) {
  const row = {};
  for (const [number, entry] of members(payload)) {
    assert(number === 2, "a record of an answer has features");
    const parts = Object.fromEntries(members(entry));
    const value = Object.fromEntries(members(parts[2]));
    const name = parts[1].toString();
    const tensor = TENSORS[name];
    assert(Object.keys(value).join() === `${tensor}`, `${name} is the member ${Object.keys(value)} of Value`);
    const numbers = Object.fromEntries(members(value[tensor]))[1];
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
      predicted === undefined || row.predicted_label === predicted,
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
