Console.WriteLine("Soaks");
