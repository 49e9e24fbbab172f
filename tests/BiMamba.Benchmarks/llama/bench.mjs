// Measures llama.cpp through the pinned node-llama-cpp, or prints what it computes, as one JSON object on stdout.
//
//   node bench.mjs --modules DIR --model FILE [--threads N] [--prompt N] [--generate N] [--repeat N]
//   node bench.mjs --modules DIR --model FILE --tokens 1,2,3 [--greedy N] [--top N | --logits]
//   node bench.mjs --modules DIR --model FILE --text FILE [--context N --chunks N]
//
// The last form tokenizes a text and, with --chunks, measures its perplexity as the perplexity tool of llama.cpp does.
//
// DIR is the folder in which package.json was installed; install it outside the tree, where it takes 725 MB:
//
//   mkdir DIR && cp package.json DIR && npm install --prefix DIR
//
// Evaluation is that of llama-bench: one llama_decode a batch of the prompt, one a generated token, with fixed tokens and
// nothing sampled; the batch that llama.cpp divides work by is as long as the prompt.
import {readFileSync, statSync} from "node:fs";
import {createRequire} from "node:module";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";
import {parseArgs} from "node:util";

const sequence = 0;
const warmTokens = 32;

/** The numbers of the command line; text options stay text. */
function readOptions() {
    const text = {type: "string"};
    const {values} = parseArgs({options: {
        modules: text, model: text, tokens: text, threads: {...text, default: "2"}, prompt: {...text, default: "512"},
        generate: {...text, default: "64"}, repeat: {...text, default: "3"}, greedy: {...text, default: "0"},
        top: {...text, default: "8"}, logits: {type: "boolean", default: false},
        text, context: {...text, default: "512"}, chunks: {...text, default: "0"},
    }});
    if (values.modules === undefined || values.model === undefined)
        throw new Error("expected --modules DIR and --model FILE");
    for (const name of ["threads", "prompt", "generate", "repeat", "greedy", "top", "context", "chunks"]) {
        if (!/^\d+$/.test(values[name]))
            throw new Error(`--${name}: expected a whole number, found '${values[name]}'`);
        values[name] = Number(values[name]);
    }
    values.ids = values.tokens?.split(",").map(Number);
    if (values.ids?.some(id => !Number.isInteger(id) || id < 0))
        throw new Error(`--tokens: expected ids with commas between them, found '${values.tokens}'`);
    return values;
}

/** The library from the folder of its installation, with its versions. */
async function importLibrary(modules) {
    const require = createRequire(join(resolve(modules), "package.json"));
    const main = require.resolve("node-llama-cpp");
    const root = main.slice(0, main.lastIndexOf("node-llama-cpp") + "node-llama-cpp".length);
    return {
        library: await import(pathToFileURL(main).href),
        version: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
    };
}

/** Kilobytes of the process by field of /proc/self/status. */
function memory() {
    const status = readFileSync("/proc/self/status", "utf8");
    const field = name => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    return {
        peakResidentKB: field("VmHWM"), residentKB: field("VmRSS"), anonymousKB: field("RssAnon"), fileKB: field("RssFile"),
    };
}

const seconds = start => (performance.now() - start) / 1000;

/** Fixed ids, spread over the vocabulary. */
const someIds = (count, vocabulary) => Array.from({length: count}, (_, i) => (i * 2654435761 + 12345) % vocabulary);

/**
 * One llama_decode over ids from a position; gives the index of the logits of the last one.
 * The context under the wrapper is used, whose queue would sample a token after each step.
 */
async function decode(native, position, ids) {
    native.initBatch(ids.length);
    const [index] = native.addToBatch(sequence, position, Uint32Array.from(ids), Uint32Array.of(ids.length - 1));
    await native.decodeBatch();
    return index;
}

async function measure(native, options, vocabulary) {
    const prompt = someIds(options.prompt, vocabulary);
    const generated = someIds(options.generate, vocabulary);
    const begin = performance.now();
    const result = {prefillTokensPerSecond: [], decodeTokensPerSecond: [], firstPromptSeconds: null};
    // A short run reads the file ahead of the measured ones.
    await decode(native, 0, prompt.slice(0, warmTokens));
    result.firstPromptSeconds = seconds(begin);
    for (let run = 0; run < options.repeat; run++) {
        native.disposeSequence(sequence);
        let start = performance.now();
        if (prompt.length > 0)
            await decode(native, 0, prompt);
        const prefill = seconds(start);
        start = performance.now();
        for (let i = 0; i < generated.length; i++)
            await decode(native, prompt.length + i, [generated[i]]);
        const decoding = seconds(start);
        result.prefillTokensPerSecond.push(prompt.length / prefill);
        result.decodeTokensPerSecond.push(generated.length / decoding);
    }
    return result;
}

async function compute(native, library, model, options) {
    const sampler = new model._llama._bindings.AddonSampler(model._model);
    sampler.applyConfig({temperature: 0});
    const ids = [...options.ids];
    let index = await decode(native, 0, ids);
    const result = {ids: options.ids, greedy: [], logits: null, top: null};
    const [, , , pairs] = await native.sampleToken(index, sampler, false, false, true);
    if (options.logits) {
        result.logits = [];
        for (let i = 0; i < pairs.length; i += 2)
            result.logits[pairs[i]] = pairs[i + 1];
    }
    const ranked = [];
    let finite = true;
    for (let i = 0; i < pairs.length; i += 2) {
        ranked.push([pairs[i], pairs[i + 1]]);
        finite &&= Number.isFinite(pairs[i + 1]);
    }
    ranked.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    result.finite = finite;
    result.count = ranked.length;
    result.top = ranked.slice(0, options.top);
    for (let i = 0; i < options.greedy; i++) {
        const id = await native.sampleToken(index, sampler);
        result.greedy.push(id);
        index = await decode(native, ids.length + i, [id]);
    }
    return result;
}

/** The negative log-likelihood of an id, from pairs of ids and logits. */
function surprise(pairs, id) {
    let largest = -Infinity, wanted = NaN;
    for (let i = 0; i < pairs.length; i += 2) {
        largest = Math.max(largest, pairs[i + 1]);
        if (pairs[i] === id)
            wanted = pairs[i + 1];
    }
    let sum = 0;
    for (let i = 1; i < pairs.length; i += 2)
        sum += Math.exp(pairs[i] - largest);
    return largest + Math.log(sum) - wanted;
}

/** Ids of a text, and the mean and the standard error of the second halves of its first chunks. */
async function readText(native, library, model, options) {
    const ids = [...model.tokenize(readFileSync(options.text, "utf8"), false)];
    const sampler = new model._llama._bindings.AddonSampler(model._model);
    sampler.applyConfig({temperature: 0});
    const {context, chunks} = options;
    if (chunks * context > ids.length)
        throw new Error(`expected ${chunks} chunks of ${context} tokens, found ${ids.length} tokens`);
    const values = [];
    for (let chunk = 0; chunk < chunks; chunk++) {
        const window = ids.slice(chunk * context, (chunk + 1) * context);
        const scored = Array.from({length: context - 1 - context / 2}, (_, i) => context / 2 + i);
        native.disposeSequence(sequence);
        native.initBatch(context);
        const indexes = native.addToBatch(sequence, 0, Uint32Array.from(window), Uint32Array.from(scored));
        await native.decodeBatch();
        for (let i = 0; i < scored.length; i++) {
            const [, , , pairs] = await native.sampleToken(indexes[i], sampler, false, false, true);
            values.push(surprise(pairs, window[scored[i] + 1]));
        }
    }
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + b * b, 0) / values.length - mean * mean;
    const perplexity = Math.exp(mean);
    return {ids, perplexity, standardError: Math.sqrt(variance / (values.length - 1)) * perplexity, scored: values.length};
}

async function main() {
    const options = readOptions();
    const {library, version} = await importLibrary(options.modules);
    const llama = await library.getLlama({gpu: false, build: "never", progressLogs: false, logLevel: "error", maxThreads: options.threads});
    const start = performance.now();
    const model = await llama.loadModel({modelPath: resolve(options.model), gpuLayers: 0, useMmap: true});
    const longest = Math.max(options.text !== undefined ? options.context : options.ids?.length ?? options.prompt, 1);
    const batch = Math.max(longest, 32);
    const context = await model.createContext({
        contextSize: longest + Math.max(options.generate, options.greedy) + 1, batchSize: batch, sequences: 1, threads: options.threads,
    });
    const native = context._ctx;
    native.setThreads(options.threads);
    const load = seconds(start);
    const vocabulary = model.fileInfo.metadata.mamba2?.vocab_size ?? model.fileInfo.metadata.tokenizer.ggml.tokens.length;
    const result = options.text !== undefined ? await readText(native, library, model, options)
        : options.ids === undefined ? await measure(native, options, vocabulary) : await compute(native, library, model, options);
    console.log(JSON.stringify({
        model: options.model, fileBytes: statSync(options.model).size, nodeLlamaCpp: version, llamaCpp: llama.llamaCppRelease,
        system: llama.systemInfo, threads: native.getThreads(), prompt: options.prompt, generate: options.generate, batch,
        loadSeconds: load, ...result, memory: memory(),
    }));
    await llama.dispose();
}

try {
    await main();
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
