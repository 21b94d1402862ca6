// The api process: reads the environment, opens what the API needs, starts the listeners.
import { runApp } from '@pods/service';
import { apiConfig } from './config.ts';
import { startApi } from './start.ts';

runApp({
  name: 'api',
  level: process.env['LOG_LEVEL'],
  start: (context) => startApi(apiConfig(process.env), context),
});
