import express from 'express';

export const app = express();

app.disable('x-powered-by');
app.use(express.json());

app.get('/', (request, response) => {
  response.type('text').send('Hello from Express\n');
});

app.get('/healthz', (request, response) => {
  response.json({ ok: true });
});

app.post('/echo', (request, response) => {
  response.json({ echo: request.body });
});
