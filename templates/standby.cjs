'use strict';
// A standby loads this by --require, before any code of the app and before what the app's own options name:
// here it waits until it is to be the app. It gets that as a line with its number on file 3; an end of the
// file means that the supervisor is gone. A worker thread of the app loads it again, without an order.
//
// DEVBOX_STANDBY is "NUMBER MARK", and "ahead" where dependencies are loaded before the wait: those CommonJS
// modules that the app's own files loaded in its last run, as long as loading them leaves no trace but
// themselves, and only where process.execve can undo it (Node 22.15, 23.11 and later). Number 0 does not
// wait: the first run only tells what it uses.
{
  const order = process.env.DEVBOX_STANDBY;
  delete process.env.DEVBOX_STANDBY;
  const at = process.execArgv.indexOf(__filename);
  if (at > 0) process.execArgv.splice(at - 1, 2);
  delete require.cache[__filename];
  if (order) {
    const [number, mark, ahead] = order.split(' ');
    standBy(number, mark, ahead && typeof process.execve === 'function');
  }

  function standBy(number, mark, ahead) {
    const fs = require('fs');
    const Module = require('module');
    const cwd = () => {
      try {
        return process.cwd();
      } catch {
        return ''; // the folder was removed
      }
    };
    const lost = !cwd(); // Node has not found the file to run then, and looks for it once
    if (lost && !process.execve) process.exit(75);
    const home = cwd() || process.env.PWD;
    const list = __filename + '.json';
    const foreign = '/node_modules/';
    const state = () => JSON.stringify([process.env, cwd()]);
    const hooks = () => [Module._load, Module._resolveFilename, Module._compile, Module._extensions['.js'],
      Module._extensions['.json'], Module.prototype.require, Module.prototype._compile, Error.prepareStackTrace, Error.stackTraceLimit];
    const hooksOf = hooks();
    const hooked = () => hooks().some((hook, i) => hook !== hooksOf[i]);
    const read = () => {
      try {
        return JSON.parse(fs.readFileSync(list, 'utf8'));
      } catch {
        return { use: [], refuse: [] };
      }
    };
    const write = (known) => {
      fs.writeFileSync(list + process.pid, JSON.stringify(known), { mode: 0o600 });
      fs.renameSync(list + process.pid, list);
    };
    // What a file is known by, also when an edit keeps its size and time.
    const stamp = (file) => {
      const { ino, size, mtimeNs, ctimeNs } = fs.statSync(file, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join();
    };
    const stampOrNone = (file) => {
      try {
        return stamp(file);
      } catch {
        return '';
      }
    };
    const surroundings = () => JSON.stringify([
      state(), Reflect.ownKeys(globalThis).map(String), process.eventNames().map((name) => process.listenerCount(name)),
      // Not stdout and stderr, which many modules make by asking whether there is a terminal.
      process.getActiveResourcesInfo?.().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap'),
    ]);

    // spied calls act and adds to read what files and folders it asks for by the functions of fs that do not
    // return before they know. A module that takes such a function along keeps one that does the same.
    const spied = (read, act) => {
      const path = require('path');
      const real = {};
      let reading = true;
      for (const name of ['readFileSync', 'openSync', 'readdirSync', 'opendirSync', 'statSync', 'lstatSync', 'existsSync',
        'accessSync', 'readlinkSync', 'realpathSync']) {
        const own = real[name] = fs[name];
        const spy = { [name](...args) {
          const file = args[0] instanceof URL ? require('url').fileURLToPath(args[0]) : args[0];
          if (reading && typeof file !== 'number') read.add(path.resolve(String(file)));
          return Reflect.apply(own, this, args);
        } }[name];
        fs[name] = Object.defineProperties(spy, Object.getOwnPropertyDescriptors(own));
      }
      try {
        return act();
      } finally {
        reading = false;
        Object.assign(fs, real);
      }
    };

    // load loads what the last run used. It ends this process, to be replaced by another standby without that
    // module, when loading one does more than fill the cache, or would do something else in the app.
    const load = () => {
      const known = read();
      const stamps = new Map();
      const seen = new Set();
      for (const file of known.use) {
        const before = surroundings();
        const asked = new Set();
        let quiet = true;
        try {
          spied(asked, () => Module._load(file, null, false));
          for (const name of asked) {
            if (/^\/(proc|sys|dev)(\/|$)/.test(name)) quiet = false; // what is there has no times to know it by
            if (!stamps.has(name)) stamps.set(name, stampOrNone(name));
          }
          for (const name of Object.keys(require.cache)) {
            if (seen.has(name)) continue;
            seen.add(name);
            stamps.set(name, stamp(name));
            quiet &&= name.includes(foreign) && !/require\.main|mainModule|module\.parent|isPreloading/.test(fs.readFileSync(name, 'utf8'));
          }
        } catch {
          quiet = false;
        }
        if (quiet && !hooked() && surroundings() === before) continue;
        write({ use: known.use.filter((other) => other !== file), refuse: [...known.refuse, file] });
        process.reallyExit(75);
      }
      return stamps;
    };

    // record keeps what this run has used. An app that sets variables or hooks may want its modules to see them.
    const record = (before) => {
      const known = read();
      const own = state() === before && !hooked();
      const used = Object.values(require.cache).filter((m) => m.filename?.includes(foreign) && /\.c?js$/.test(m.filename) &&
        m.loaded && !m.parent?.filename?.includes(foreign)).map((m) => m.filename);
      write({ use: own ? [...new Set([...known.use, ...used])].filter((file) => !known.refuse.includes(file)) : [], refuse: known.refuse });
    };

    let stamps = new Map();
    if (number !== '0') {
      // Modules of Node itself that most servers use. None of them acts or reads a setting when it is loaded.
      for (const name of ['http', 'https', 'net', 'url', 'crypto', 'zlib', 'querystring', 'tty', 'async_hooks']) require(name);
      if (ahead) stamps = load();
      let told = '';
      for (const chunk = Buffer.alloc(64); !told.split('\n').includes(number); ) {
        const length = fs.readSync(3, chunk);
        if (length === 0) process.reallyExit(0);
        told += chunk.toString('latin1', 0, length);
      }
      fs.closeSync(3);
      try {
        process.chdir(home); // it may be another folder by now, as after a removal and a git checkout
      } catch {}
      process.env.DEVBOX_APP = mark;
      // Where what is loaded is not what is there any more: as if this process had just begun.
      if (lost || [...stamps].some(([file, was]) => stampOrNone(file) !== was)) {
        process.execve(process.execPath, [process.argv0, ...process.execArgv, ...process.argv.slice(1)], process.env);
      }
      const { uptime } = process;
      const waited = uptime();
      process.uptime = { uptime: () => uptime() - waited }.uptime;
    }
    const before = state();
    // Node writes its compile cache when a process ends, but not when a signal ends it.
    setTimeout(() => {
      if (process.env.NODE_COMPILE_CACHE) Module.flushCompileCache?.();
      if (ahead) record(before);
    }, 2000).unref();
  }
}
