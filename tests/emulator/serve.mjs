// Starts the emulator on loopback only (by itself it listens on all interfaces), on a free port, says which, and ends
// with whoever started it.
import net from "node:net";

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function () {
  this.once("listening", () => console.log(JSON.stringify(this.address())));
  return listen.call(this, 0, "127.0.0.1");
};

const { createEmulator } = await import("emulate");
await createEmulator({ service: "google", seed: JSON.parse(process.argv[2]) });
process.stdin.on("end", () => process.exit()).resume();
