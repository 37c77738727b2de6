// A citation marker opens its source card: the panel of its answer, the abstract, the first
// highlighted sentence. Without this script the link still leads to the card by its id.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest('a[href^="#source-"]');
  if (!link) return;
  const id = link.getAttribute("href").slice(1);
  const panel = document.getElementById("pa-sources");
  const holder = [panel, ...(panel ? panel.querySelectorAll("*") : [])].find((node) => node && node.paShow);
  event.preventDefault();
  if (holder) holder.paShow(id.split("-")[1]);
  const open = (attempts) => {
    const card = document.getElementById(id);
    if (!card) {
      if (attempts > 0) requestAnimationFrame(() => open(attempts - 1));
      return;
    }
    const abstract = card.querySelector("details.pa-abstract");
    if (abstract) abstract.open = true;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
    // Only where the evidence is out of sight, so that the title stays in sight when it can.
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    (card.querySelector("mark") || card).scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
  };
  open(20);
});
