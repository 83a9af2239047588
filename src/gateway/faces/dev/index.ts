import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../../gateway';

export async function devFace(_app: FastifyInstance, _gateway: Gateway): Promise<void> {}
