"""What happens once a plan is made: applied, journalled, proved, undone."""
