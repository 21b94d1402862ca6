// Arithmetic of IPv4 ranges. Pure.

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

const parts = (cidr: string): { readonly first: number; readonly size: number } => {
  const [address = '', bits = ''] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  return { first: Math.floor(toNumber(address) / size) * size, size };
};

/** Whether a text of the form `a.b.c.d/n` is a range that has at least 16 addresses. */
export const isUsableRange = (cidr: string): boolean => {
  const [address = '', bits = ''] = cidr.split('/');
  return address.split('.').every((part) => Number(part) <= 255) && Number(bits) >= 8 && Number(bits) <= 28;
};

/** The address at a position in a range; 0 is the range's own name, 1 the first for a machine. */
export const addressAt = (cidr: string, index: number): string => toAddress(parts(cidr).first + index);

/** Number of bits that all addresses of a range share. */
export const prefixBitsOf = (cidr: string): number => Number(cidr.split('/')[1]);

/** Whether two ranges have an address in common. */
export const overlap = (left: string, right: string): boolean => {
  const [a, b] = [parts(left), parts(right)];
  return a.first < b.first + b.size && b.first < a.first + a.size;
};
