import { describe, expect, it } from 'vitest';
import { imageProblems, parseImage } from './image.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image reference', () => {
  it.each([
    ['nginx', { registry: '', path: 'nginx', tag: '', digest: '' }],
    ['nginx:1.27', { registry: '', path: 'nginx', tag: '1.27', digest: '' }],
    ['tapis/flaskserver:latest', { registry: '', path: 'tapis/flaskserver', tag: 'latest', digest: '' }],
    ['ghcr.io/a/b_c/d-e:v1', { registry: 'ghcr.io', path: 'a/b_c/d-e', tag: 'v1', digest: '' }],
    ['localhost:5000/web', { registry: 'localhost:5000', path: 'web', tag: '', digest: '' }],
    ['127.0.0.1:5000/web:1', { registry: '127.0.0.1:5000', path: 'web', tag: '1', digest: '' }],
    [`pods.local/web@${digest}`, { registry: 'pods.local', path: 'web', tag: '', digest }],
    [`r.test:5000/web:1@${digest}`, { registry: 'r.test:5000', path: 'web', tag: '1', digest }],
    ['Registry.Test/web', { registry: 'Registry.Test', path: 'web', tag: '', digest: '' }],
  ])('%s is taken apart', (image, parts) => {
    expect(parseImage(image)).toEqual(parts);
    expect(imageProblems(image)).toEqual([]);
  });

  it.each([
    ['no image', ''],
    ['a capital in the path', 'library/Nginx'],
    ['an empty tag', 'nginx:'],
    ['two tags', 'nginx:1:2'],
    ['a tag with a space', 'nginx:a b'],
    ['a digest that is too short', 'nginx@sha256:abc'],
    ['an empty digest', 'nginx@'],
    ['two digests', `nginx@${digest}@${digest}`],
    ['an empty part of the path', 'a.test//b'],
    ['a port out of range', 'a.test:99999/b'],
    ['a scheme', 'https://a.test/b'],
    ['a shell', 'nginx;rm -rf /'],
    ['a line break', 'nginx\n'],
    ['an endless path', `a/${'b'.repeat(300)}`],
    ['an endless tag', `nginx:${'1'.repeat(200)}`],
  ])('with %s is refused, naming the rule and not the value', (_what, image) => {
    const [problem, ...more] = imageProblems(image);
    expect(more).toEqual([]);
    expect(problem?.location).toEqual(['image']);
    expect(problem?.text).toMatch(/^Value error, .*(got a string of \d+ characters|an image is needed)/);
    if (image !== '') expect(problem?.text).not.toContain(image);
  });
});
