# node: a module of the system, worker threads, zlib, a child process
# shellcheck shell=sh disable=SC2034
packages='nodejs node-lodash'
programs='node'
prepare()
{
	echo '{ "fruit": ["pear", "apple", "plum"], "n": 12 }' >a.json
	echo '{ "fruit": ["fig", "date"], "n": 17 }' >b.json
	cat >main.js <<'END'
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const fs = require("fs"), zlib = require("zlib"), crypto = require("crypto");
const _ = require("lodash"), { execFileSync } = require("child_process");
if (!isMainThread) {
	let a = 0, b = 1;
	for (let i = 0; i < workerData; i++)
		[a, b] = [b, a + b];
	parentPort.postMessage(a);
} else {
	const d = JSON.parse(fs.readFileSync(process.argv[2]));
	console.log(_.sortBy(d.fruit).map(_.capitalize).join(", "));
	const packed = zlib.deflateSync(Buffer.from("x".repeat(1000) + d.n));
	console.log(crypto.createHash("sha256").update(zlib.inflateSync(packed)).digest("hex"));
	console.log(execFileSync(process.execPath, ["-p", "6*7"]).toString().trim());
	new Worker(__filename, { workerData: d.n }).on("message", (m) => {
		fs.writeFileSync("out/fibonacci", m + "\n");
		console.log(new Intl.NumberFormat("de").format(m * 1000));
	});
}
END
}
first='node main.js a.json'
second='node main.js b.json'
second_files='main.js b.json'
