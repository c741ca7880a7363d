import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { runner } from 'node-pg-migrate';
import pg from 'pg';

import { buildApp } from '../app.js';
import { openData } from '../data.js';

// The tests run on the real services, in a schema and under keys of their own.
const databaseUrl = process.env.DATABASE_URL;
const redisUrl = process.env.REDIS_URL;
const schema = `test_${process.pid}_${Date.now()}`;

let data;
let app;

before(async () => {
  await runner({
    databaseUrl,
    dir: 'migrations',
    direction: 'up',
    migrationsTable: 'pgmigrations',
    schema,
    createSchema: true,
    log: () => {},
  });
  data = await openData({ databaseUrl, redisUrl, schema, prefix: `${schema}:` });
  app = buildApp(data);
});

after(async () => {
  await app?.close();
  await data?.close();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
});

test('the health check asks PostgreSQL and Redis', async () => {
  const response = await app.inject('/healthz');
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.json(), { ok: true });
});

test('a note that was added is in the list, the newest first', async () => {
  assert.deepEqual((await app.inject('/notes')).json(), []);
  for (const text of ['first', 'second']) {
    const added = await app.inject({ method: 'POST', url: '/notes', payload: { text } });
    assert.equal(added.statusCode, 201);
  }
  const texts = (await app.inject('/notes')).json().map((note) => note.text);
  assert.deepEqual(texts, ['second', 'first']);
});

test('a note is found by its id', async () => {
  const { id } = (await app.inject({ method: 'POST', url: '/notes', payload: { text: 'Zoë' } })).json();
  const response = await app.inject(`/notes/${id}`);
  assert.equal(response.json().text, 'Zoë');
});

test('a note that is not there is not found', async () => {
  assert.equal((await app.inject('/notes/999999')).statusCode, 404);
  assert.equal((await app.inject('/notes/none')).statusCode, 400);
});

test('a note without text is refused', async () => {
  const response = await app.inject({ method: 'POST', url: '/notes', payload: { text: '' } });
  assert.equal(response.statusCode, 400);
});
