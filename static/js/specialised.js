// A specialised driver of the gate is chosen by one tap: name, number and the mark fill in.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-specialised] button");
  if (!button) return;
  const form = button.closest("form");
  const field = (name) => form.querySelector(`[name=${name}]`);
  field("driver_name").value = button.dataset.name;
  field("driver_phone").value = button.dataset.phone;
  field("specialised_driver").checked = true;
  for (let fold = field("driver_name").closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  button.closest("details").open = false;
  field("driver_name").focus();
});
