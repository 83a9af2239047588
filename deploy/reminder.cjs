/** The application of outdial.yaml: says its text, and asks for a digit where somebody listens. */
module.exports = async function reminder(call) {
  await call.play('This is a reminder of your appointment tomorrow at nine. Press 1 to confirm.');
  if ((await call.calleeTypeKnown()) !== 'voice') return { confirmed: false };
  return { confirmed: (await call.gather({ maxDigits: 1 })) === '1' };
};
