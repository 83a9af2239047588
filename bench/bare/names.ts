/** Task queues of the bare flow: as many as outdial's, so that both flows pay for the same hops between workers. */
export const campaignQueue = 'bare-campaigns';
export const callQueue = 'bare-calls';
export const firstQueue = 'bare-first';
export const secondQueue = 'bare-second';
