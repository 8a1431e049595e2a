// Bundles the modules of src/ named below into ../server/static/dist: hashed names, a manifest, and gzip beside each.
import { build } from "esbuild";
import { gzipSync } from "node:zlib";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// What every page needs comes in one file: what it imported would be asked for after it, and a phone would wait twice.
// Widgets share what they have in common.
const PAGE = ["app"];
const WIDGETS = ["viewer"];

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "server", "static", "dist");
const fresh = `${target}.${process.pid}`;

const bundle = (names, splitting) => build({
  absWorkingDir: here,
  entryPoints: names.map((name) => `src/${name}.js`),
  outdir: fresh,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting,
  format: "esm",
  target: ["es2020"],
  minify: true,
  legalComments: "eof",
  metafile: true,
  write: false,
  logLevel: "warning",
});

const results = [await bundle(PAGE, false), await bundle(WIDGETS, true)];
await mkdir(fresh, { recursive: true });
for (const file of results.flatMap(({ outputFiles }) => outputFiles)) {
  await writeFile(file.path, file.contents);
  await writeFile(`${file.path}.gz`, gzipSync(file.contents, { level: 9 }));
}
const manifest = {};
for (const [path, made] of results.flatMap(({ metafile }) => Object.entries(metafile.outputs))) {
  const name = basename(path);
  manifest[made.entryPoint ? basename(made.entryPoint) : name] = name;
  if (made.cssBundle) manifest[basename(made.entryPoint).replace(/\.js$/, ".css")] = basename(made.cssBundle);
}
await writeFile(join(fresh, "manifest.json"), JSON.stringify(manifest, null, 1));
await rm(target, { recursive: true, force: true });
await rename(fresh, target);
for (const [name, file] of Object.entries(manifest)) {
  const size = gzipSync(await readFile(join(target, file)), { level: 9 }).length;
  console.log(`${name.padEnd(16)} ${file.padEnd(28)} ${(size / 1000).toFixed(1)} kB compressed`);
}
