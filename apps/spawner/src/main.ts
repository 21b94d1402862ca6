// The process: reads the environment, starts the app, stops it on a signal.
import { runApp } from '@pods/service';
import { readConfig } from './config.ts';
import { start } from './start.ts';

runApp({
  name: 'spawner',
  level: process.env['LOG_LEVEL'],
  start: (context) => start(readConfig(process.env), context),
});
