'use strict';
// A standby loads this by --require, before any code of the app and before what the app's own options name:
// here it waits until it is to be the app. It gets that as a line with its number on file 3; an end of the
// file means that the supervisor is gone. A worker thread of the app loads it again, without an order.
{
  const order = process.env.DEVBOX_STANDBY;
  delete process.env.DEVBOX_STANDBY;
  const at = process.execArgv.indexOf(__filename);
  if (at > 0) process.execArgv.splice(at - 1, 2);
  delete require.cache[__filename];
  if (order) {
    const fs = require('fs');
    const [number, mark] = order.split(' ');
    // Modules of Node itself that most servers use. None of them acts or reads a setting when it is loaded.
    for (const name of ['http', 'https', 'net', 'url', 'crypto', 'zlib', 'querystring', 'tty', 'async_hooks']) require(name);
    let told = '';
    for (const chunk = Buffer.alloc(64); !told.split('\n').includes(number); ) {
      const length = fs.readSync(3, chunk);
      if (length === 0) process.reallyExit(0);
      told += chunk.toString('latin1', 0, length);
    }
    fs.closeSync(3);
    process.env.DEVBOX_APP = mark;
    const { uptime } = process;
    const waited = uptime();
    process.uptime = { uptime: () => uptime() - waited }.uptime;
    // Node writes the cache when a process ends, but not when a signal ends it.
    const { flushCompileCache } = require('module');
    if (flushCompileCache && process.env.NODE_COMPILE_CACHE) setTimeout(flushCompileCache, 2000).unref();
  }
}
