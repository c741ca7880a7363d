import Fastify from 'fastify';

const note = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    text: { type: 'string' },
    created_at: { type: 'string' },
  },
};

/** Makes the app on the data that it serves. */
export function buildApp(data, options = {}) {
  const app = Fastify(options);

  app.get('/', async () => ({ hello: 'from Fastify', notes: '/notes' }));

  app.get('/healthz', async (request, reply) => {
    try {
      await data.check();
      return { ok: true };
    } catch (error) {
      request.log.error(error);
      return reply.code(503).send({ ok: false });
    }
  });

  app.get('/notes', { schema: { response: { 200: { type: 'array', items: note } } } }, () => data.listNotes());

  app.post(
    '/notes',
    {
      schema: {
        body: {
          type: 'object',
          required: ['text'],
          properties: { text: { type: 'string', minLength: 1, maxLength: 1000 } },
        },
        response: { 201: note },
      },
    },
    async (request, reply) => reply.code(201).send(await data.addNote(request.body.text)),
  );

  app.get(
    '/notes/:id',
    { schema: { params: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } } } } },
    async (request, reply) => (await data.getNote(request.params.id)) ?? reply.callNotFound(),
  );

  return app;
}
