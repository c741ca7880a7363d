import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { io as connect } from 'socket.io-client';

import { createApp } from '../app.js';

const { server, io } = createApp();
const clients = [];
let base;

before(async () => {
  server.listen(0);
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  for (const client of clients) {
    client.close();
  }
  io.close();
  server.closeAllConnections();
});

async function join() {
  const client = connect(base, { forceNew: true });
  clients.push(client);
  await new Promise((resolve, reject) => {
    client.once('connect', resolve);
    client.once('connect_error', reject);
  });
  return client;
}

function nextMessage(client) {
  return new Promise((resolve) => {
    client.once('chat message', resolve);
  });
}

test('the page and its scripts are served', async () => {
  const page = await fetch(`${base}/`);
  assert.equal(page.status, 200);
  const html = await page.text();
  for (const [, path] of html.matchAll(/<script src="([^"]+)"/g)) {
    const script = await fetch(new URL(path, `${base}/`));
    assert.equal(script.status, 200, path);
    assert.match(script.headers.get('content-type'), /javascript/, path);
  }
});

test('a message reaches everybody', async () => {
  const alice = await join();
  const bob = await join();
  const seen = Promise.all([nextMessage(alice), nextMessage(bob)]);
  alice.emit('chat message', 'hello <everyone>');
  assert.deepEqual(await seen, ['hello <everyone>', 'hello <everyone>']);
});

test('an empty message and one that is no text are dropped', async () => {
  const client = await join();
  const seen = nextMessage(client);
  client.emit('chat message', '   ');
  client.emit('chat message', { text: 'no' });
  client.emit('chat message', 'yes');
  assert.equal(await seen, 'yes');
});
