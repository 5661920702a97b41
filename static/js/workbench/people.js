// How somebody else is shown: a chip with their name, each in a colour of their own.
const COLOURS = 5;

export const chip = ({ user_id: id, name }) => {
  const made = document.createElement("span");
  made.className = `who-chip who-${id % COLOURS}`;
  made.textContent = name;
  return made;
};
