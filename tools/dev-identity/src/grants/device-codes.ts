// Devices without a browser that wait until a user approves them by a short code. In memory.
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '@pods/service';
import { createExpiringMap } from '../expiring-map.ts';

export interface WaitingDevice {
  readonly tenantId: string;
  readonly clientId: string;
  readonly deviceCode: string;
  /** For people to type. */
  readonly userCode: string;
  /** Set once a user has approved. */
  readonly username?: string;
}

export interface DeviceCodes {
  readonly start: (tenantId: string, clientId: string) => WaitingDevice;
  readonly byUserCode: (tenantId: string, userCode: string) => WaitingDevice | undefined;
  /** False when no device waits for the code. */
  readonly approve: (tenantId: string, userCode: string, username: string) => boolean;
  /** The device while it waits; once it was approved, the device and never again. */
  readonly poll: (deviceCode: string) => WaitingDevice | undefined;
}

/** Ten minutes. */
export const deviceCodeLifeMs = 600_000;

// Without letters and digits that look alike.
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ23456789';

const userKey = (tenantId: string, userCode: string): string => `${tenantId}/${userCode.trim().toUpperCase()}`;

export function createDeviceCodes(clock: Clock): DeviceCodes {
  const byDevice = createExpiringMap<WaitingDevice>(clock, deviceCodeLifeMs);
  const byUser = createExpiringMap<string>(clock, deviceCodeLifeMs);
  const byUserCode = (tenantId: string, userCode: string): WaitingDevice | undefined => {
    const deviceCode = byUser.get(userKey(tenantId, userCode));
    return deviceCode === undefined ? undefined : byDevice.get(deviceCode);
  };
  return {
    start: (tenantId, clientId) => {
      const deviceCode = randomBytes(32).toString('base64url');
      const letters = Array.from({ length: 8 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
      const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
      const device = { tenantId, clientId, deviceCode, userCode };
      byDevice.set(deviceCode, device);
      byUser.set(userKey(tenantId, userCode), deviceCode);
      return device;
    },
    byUserCode,
    approve: (tenantId, userCode, username) => {
      const device = byUserCode(tenantId, userCode);
      if (device === undefined || device.username !== undefined) return false;
      byDevice.set(device.deviceCode, { ...device, username });
      byUser.take(userKey(tenantId, userCode));
      return true;
    },
    poll: (deviceCode) => {
      const device = byDevice.get(deviceCode);
      return device?.username === undefined ? device : byDevice.take(deviceCode);
    },
  };
}
