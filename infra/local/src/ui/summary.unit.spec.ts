// Guarantees about the last words of a start.
import { describe, expect, it } from 'vitest';
import { paintFor } from './style.ts';
import { judgeTime, renderSummary, type SummaryFacts } from './summary.ts';

const plain = paintFor(false, {});

const facts: SummaryFacts = {
  identity: {
    siteHost: 'pods.localhost',
    tenants: [
      { id: 'dev', baseUrl: 'https://dev.pods.localhost:8443', host: 'dev.pods.localhost' },
      { id: 'lab', baseUrl: 'https://lab.pods.localhost:8443', host: 'lab.pods.localhost' },
    ],
    user: { name: 'ada', password: 'ada-dev' },
  },
  caFile: '/my state/pki/edge-ca.crt',
  logFolder: '/my state/log',
  stateFolder: '/my state',
  kubeconfigFile: '/my state/k',
  image: 'pods.local/webpage:1',
  edgePort: 8443,
  demoUrl: 'https://docpod.pods.dev.pods.localhost:8443/',
};

const text = (more: Partial<SummaryFacts> = {}): string => renderSummary({ ...facts, ...more }, plain).join('\n');

describe('renderSummary', () => {
  it('has a way to a token and three lines to try', () => {
    expect(text()).toContain('TOKEN=$(curl');
    expect(text().match(/^ {4}curl -s --cacert \$CA /gm)).toHaveLength(3);
  });

  it('quotes a path with a blank for the shell', () => {
    expect(text()).toContain("CA='/my state/pki/edge-ca.crt';");
  });

  it('names every host to Python', () => {
    expect(text()).toContain(
      "echo '127.0.0.1 dev.pods.localhost lab.pods.localhost docpod.pods.dev.pods.localhost' >> /etc/hosts",
    );
    expect(text()).toContain("verify='/my state/pki/edge-ca.crt'");
  });

  it('offers to create a pod when there is none', () => {
    const without = text({ demoUrl: undefined });
    expect(without).toContain('"pod_id":"hello"');
    expect(without).not.toContain('docpod');
    expect(without.match(/^ {4}curl -s --cacert \$CA /gm)).toHaveLength(3);
  });
});

describe('judgeTime', () => {
  it.each([
    ['first', 899_000, 'met'],
    ['first', 901_000, 'missed'],
    ['fresh', 40_000, 'met'],
    ['fresh', 41_000, 'missed'],
    ['again', 31_000, 'missed'],
  ] as const)('%s in %d ms: %s', (kind, ms, verdict) => {
    expect(judgeTime(kind, ms, plain)).toContain(`: ${verdict})`);
  });
});
